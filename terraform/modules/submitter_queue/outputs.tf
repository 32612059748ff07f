output "arn" {
  description = "ARN of the submitter queue."
  value       = module.queue.arn
}

output "name" {
  description = "Name of the submitter queue."
  value       = module.queue.name
}

output "url" {
  description = "URL of the submitter queue."
  value       = module.queue.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = module.dead_letter_queue.arn
}

output "dead_letter_queue_name" {
  description = "Name of the dead-letter queue."
  value       = module.dead_letter_queue.name
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue."
  value       = module.dead_letter_queue.url
}
