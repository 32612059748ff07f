output "name" {
  description = "Name of the stack."
  value       = var.name
}

output "bucket_name" {
  description = "Bucket that submissions are uploaded to, under submissions/."
  value       = module.submitter_bucket.name
}

output "queue_url" {
  description = "URL of the submitter queue, which the back end receives from."
  value       = module.submitter_queue.url
}

output "queue_arn" {
  description = "ARN of the submitter queue, for the back end's own permissions."
  value       = module.submitter_queue.arn
}

output "dead_letter_queue_url" {
  description = "URL of the queue that holds messages the back end received too often without deleting them."
  value       = module.submitter_queue.dead_letter.url
}

output "dead_letter_queue_arn" {
  description = "ARN of that queue, to move its messages back to the submitter queue."
  value       = module.submitter_queue.dead_letter.arn
}

output "intake_failures_queue_url" {
  description = "URL of the queue that holds S3 events the intake function could not announce."
  value       = module.intake_function.failures_queue.url
}

output "intake_failures_queue_arn" {
  description = "ARN of that queue, for the permissions of whoever repairs failures."
  value       = module.intake_function.failures_queue.arn
}

output "function_name" {
  description = "Name of the intake function."
  value       = module.intake_function.name
}

output "function_log_group_name" {
  description = "Name of the log group the intake function writes to."
  value       = module.intake_function.log_group_name
}

output "region" {
  description = "Region the stack is in."
  value       = local.context.region
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard that shows the whole flow."
  value       = module.observability.dashboard_name
}

output "stack_parameter_name" {
  description = "Name of the SSM parameter that describes the stack as JSON, for tools that know only its name."
  value       = module.stack_parameter.name
}

output "access_policies" {
  description = "The managed policies for uploader, back_end, operator and repairing_operator: each an ARN, to attach, and the document as JSON."
  value       = module.access_policies.policies
}

output "kms_key_arn" {
  description = "ARN of the customer-managed key; null without one."
  value       = one(module.encryption_key[*].arn)
}
