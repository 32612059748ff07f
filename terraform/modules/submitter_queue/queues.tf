module "queue" {
  source = "../queue"

  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  retention_days             = var.retention_days
  sender_arns                = var.sender_arns
  kms_key_arn                = var.kms_key_arn
}

module "dead_letter_queue" {
  source = "../queue"

  name                       = "${var.name}-dead-letter"
  visibility_timeout_seconds = var.visibility_timeout_seconds
  retention_days             = var.dead_letter_retention_days
  kms_key_arn                = var.kms_key_arn
  # No sender_arns: that SQS's own moves pass a Deny of them is nowhere documented, and no policy of
  # the stack lets anybody send to this queue.
}
