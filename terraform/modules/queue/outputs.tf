output "arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.this["queue"].arn
}

output "name" {
  description = "Name of the queue."
  value       = aws_sqs_queue.this["queue"].name
}

output "url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.this["queue"].url
}

output "dead_letter" {
  description = "ARN, name and URL of the dead-letter queue; null without one."
  value       = one([for name, queue in aws_sqs_queue.this : { arn = queue.arn, name = queue.name, url = queue.url } if name == "dead_letter"])
}
