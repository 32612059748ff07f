# SQS tells an age only while there is a message: no data is an empty queue, and nothing is behind.
resource "aws_cloudwatch_metric_alarm" "oldest_message_age" {
  alarm_name        = "${var.name}-oldest-message-age"
  alarm_description = "The oldest message on ${var.queue_name} has been there for more than ${var.oldest_message_age_alarm_seconds} seconds, so the back end is behind or does not run. See docs/runbook.md#oldest-message-age"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = var.queue_name }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.oldest_message_age_alarm_seconds
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}
