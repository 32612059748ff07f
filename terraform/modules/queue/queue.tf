resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = var.retention_days * 24 * 60 * 60

  # Long polling for receivers that do not ask for it: an empty answer then comes after 20 seconds
  # rather than at once, and every SQS server has been asked.
  receive_wait_time_seconds = 20

  sqs_managed_sse_enabled = true
}
