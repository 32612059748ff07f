output "arn" {
  description = "ARN of the submitter queue."
  value       = module.queue.arn
}

output "url" {
  description = "URL of the submitter queue."
  value       = module.queue.url
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue."
  value       = module.dead_letter_queue.url
}
