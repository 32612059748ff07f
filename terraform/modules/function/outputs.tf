output "arn" {
  description = "ARN of the function, once a failed event has somewhere to go."
  value       = aws_lambda_function.this.arn

  # An event that came before the failure destination is set could be lost.
  depends_on = [aws_lambda_function_event_invoke_config.this]
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "stack_name" {
  description = "Name of the stack, once the function's role is made: IAM refuses a second one of the name, where SQS and CloudWatch would hand over what is there."
  value       = var.context.stack

  depends_on = [aws_iam_role.this]
}

output "log_group_name" {
  description = "Name of the log group the function writes to."
  value       = aws_cloudwatch_log_group.this.name
}

output "failures_queue" {
  description = "ARN, name and URL of the queue that events the function failed on are sent to."
  value       = { arn = module.failures_queue.arn, name = module.failures_queue.name, url = module.failures_queue.url }
}

output "role_arn" {
  description = "ARN of the role the function runs with."
  value       = aws_iam_role.this.arn
}

output "log_group_arn" {
  description = "ARN of the log group the function writes to."
  value       = aws_cloudwatch_log_group.this.arn
}
