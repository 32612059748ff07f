# The queue itself, and its dead-letter queue if it has one.
locals {
  queues = merge(
    { queue = { name = var.name, retention_days = var.retention_days, sender_arns = var.sender_arns } },
    # Without senders: that SQS's own moves pass a Deny of them is nowhere documented, and no policy of
    # the stack lets anybody send to this queue.
    var.dead_letter == null ? {} : {
      dead_letter = { name = "${var.name}-dead-letter", retention_days = var.dead_letter.retention_days, sender_arns = [] }
    }
  )
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = each.value.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = each.value.retention_days * 24 * 60 * 60

  # Long polling for receivers that do not ask for it: an empty answer then comes after 20 seconds
  # rather than at once, and every SQS server has been asked.
  receive_wait_time_seconds = 20

  # One or the other: SQS's own key, or the stack's. It keeps a data key for five minutes, SQS's
  # default, rather than ask KMS for every message.
  sqs_managed_sse_enabled           = var.key == null ? true : null
  kms_master_key_id                 = try(var.key.arn, null)
  kms_data_key_reuse_period_seconds = var.key == null ? null : 300
}

# Each of these settings names the other queue. Set on the queues themselves, one queue would have to
# wait for the other, or both would for ever; set beside them, both are created at once.
resource "aws_sqs_queue_redrive_policy" "queue" {
  count = var.dead_letter == null ? 0 : 1

  queue_url = aws_sqs_queue.this["queue"].url

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.this["dead_letter"].arn
    maxReceiveCount     = var.dead_letter.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter_queue" {
  count = var.dead_letter == null ? 0 : 1

  queue_url = aws_sqs_queue.this["dead_letter"].url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this["queue"].arn]
  })
}
