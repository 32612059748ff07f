# Each queue's redrive setting names the other queue. Set on the queues themselves, one queue would
# have to wait for the other, or both would for ever; set beside them, both are created at once.
resource "aws_sqs_queue_redrive_policy" "queue" {
  queue_url = module.queue.url

  redrive_policy = jsonencode({
    deadLetterTargetArn = module.dead_letter_queue.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter_queue" {
  queue_url = module.dead_letter_queue.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [module.queue.arn]
  })
}
