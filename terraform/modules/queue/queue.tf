# The queue, and its dead-letter queue if it has one.
locals {
  queues = merge(
    { queue = { name = var.name, retention_days = var.retention_days, sender_arns = var.sender_arns } },
    # No senders, so no Deny: AWS does not document whether SQS's own moves pass it. No policy of the stack
    # lets a principal send to this queue.
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

  # Long polling by default: SQS asks all its servers, and answers empty after 20 seconds, not at once.
  receive_wait_time_seconds = 20

  # SQS's own key, or the stack's. SQS keeps a data key for five minutes, its default, to ask KMS less
  # often.
  sqs_managed_sse_enabled           = var.key == null ? true : null
  kms_master_key_id                 = try(var.key.arn, null)
  kms_data_key_reuse_period_seconds = var.key == null ? null : 300
}

# Separate resources, because each setting names the other queue: as settings of the queues they would depend
# on each other.
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
