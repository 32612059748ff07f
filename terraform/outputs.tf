output "name" {
  description = "Name of the stack."
  value       = var.name
}

output "bucket_name" {
  description = "Bucket for submissions, which are uploaded under submissions/."
  value       = module.submitter_bucket.name
}

output "queue_url" {
  description = "URL of the submitter queue, which the back end receives from."
  value       = module.submitter_queue.url
}

output "queue_arn" {
  description = "ARN of the submitter queue, for the back end's policies."
  value       = module.submitter_queue.arn
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue: messages that the back end received max_receive_count times without deleting them."
  value       = module.submitter_queue.dead_letter.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = module.submitter_queue.dead_letter.arn
}

output "intake_failures_queue_url" {
  description = "URL of the intake-failures queue: S3 events that the intake function could not announce."
  value       = module.intake_failures.url
}

output "intake_failures_queue_arn" {
  description = "ARN of the intake-failures queue."
  value       = module.intake_failures.arn
}

output "function_name" {
  description = "Name of the intake function."
  value       = module.intake_function.name
}

output "function_log_group_name" {
  description = "Name of the intake function's log group."
  value       = module.intake_function.log_group_name
}

output "grader_function_name" {
  description = "Name of the grader; null without grading."
  value       = one(module.grader_function[*].name)
}

output "grader_log_group_name" {
  description = "Name of the grader's log group; null without grading."
  value       = one(module.grader_function[*].log_group_name)
}

output "grader_mapping_uuid" {
  description = "UUID of the event source mapping that hands messages to the grader; null without grading."
  value       = one(module.grader_mapping[*].uuid)
}

output "region" {
  description = "Region the stack is in."
  value       = local.context.region
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard, which shows the whole flow."
  value       = module.observability.dashboard_name
}

output "stack_parameter_name" {
  description = "Name of the SSM parameter that describes the stack as JSON; tools find the stack by it."
  value       = module.stack_parameter.name
}

output "access_policies" {
  description = "Managed policies for uploader, results_reader, back_end, author, gradebook_reader, operator and repairing_operator: each policy's ARN, and its document as JSON."
  value       = module.access_policies.policies
}

output "kms_key_arn" {
  description = "ARN of the customer-managed key; null without one."
  value       = one(module.encryption_key[*].arn)
}
