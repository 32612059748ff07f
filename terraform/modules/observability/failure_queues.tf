# Messages in flight count as waiting: while somebody looks at a failure it is not visible, and an
# alarm that ended each time somebody looks would be believed over. SQS tells of messages in flight
# only when there are some, so none told is none.
#
# Missing data are ignored, which keeps the alarm's state: a queue that nobody touches for hours may
# fall silent, and silence does not mean that a failure was taken care of. Emptying the queue is a
# touch, and ends the silence with a zero.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html

resource "aws_cloudwatch_metric_alarm" "intake_failures_waiting" {
  alarm_name        = "${var.name}-intake-failures-waiting"
  alarm_description = "Events that the intake function failed on wait in ${var.intake_failures_queue_name}, and their submissions are not announced. See docs/runbook.md#intake-failures-waiting"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"

  metric_query {
    id          = "waiting"
    label       = "Waiting"
    expression  = "visible + FILL(in_flight, 0)"
    return_data = true
  }

  metric_query {
    id = "visible"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.intake_failures_queue_name }
      stat        = "Maximum"
      period      = 60
    }
  }

  metric_query {
    id = "in_flight"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesNotVisible"
      dimensions  = { QueueName = var.intake_failures_queue_name }
      stat        = "Maximum"
      period      = 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "dead_letters_waiting" {
  alarm_name        = "${var.name}-dead-letters-waiting"
  alarm_description = "Messages that the back end received too often without deleting them wait in ${var.dead_letter_queue_name}, and their submissions are not processed. See docs/runbook.md#dead-letters-waiting"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "ignore"

  metric_query {
    id          = "waiting"
    label       = "Waiting"
    expression  = "visible + FILL(in_flight, 0)"
    return_data = true
  }

  metric_query {
    id = "visible"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.dead_letter_queue_name }
      stat        = "Maximum"
      period      = 60
    }
  }

  metric_query {
    id = "in_flight"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesNotVisible"
      dimensions  = { QueueName = var.dead_letter_queue_name }
      stat        = "Maximum"
      period      = 60
    }
  }
}
