output "arn" {
  description = "ARN of the function, known after its failure destination is set."
  value       = aws_lambda_function.this.arn

  # An event that fails before the destination is set could be lost.
  depends_on = [aws_lambda_function_event_invoke_config.this]
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "stack_name" {
  description = "Name of the stack, known after the function's role is created: IAM refuses a second role with the same name, so a second stack with this name fails before it takes over queues and alarms."
  value       = var.context.stack

  depends_on = [aws_iam_role.this]
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}

output "log_group_arn" {
  description = "ARN of the function's log group."
  value       = aws_cloudwatch_log_group.this.arn
}
