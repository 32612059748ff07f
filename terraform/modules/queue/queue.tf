resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = var.retention_days * 24 * 60 * 60

  # Long polling for receivers that do not ask for it: an empty answer then comes after 20 seconds
  # rather than at once, and every SQS server has been asked.
  receive_wait_time_seconds = 20

  # One or the other: SQS's own key, or the stack's. It keeps a data key for five minutes, SQS's
  # default, rather than ask KMS for every message.
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
}
