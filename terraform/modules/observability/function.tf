# Lambda writes nothing for a minute in which the function is not called for, so for all of these no
# data means that nothing went wrong.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
#
# There is no alarm on AsyncEventsDropped: an event is counted there also when it was handed to the
# intake-failures queue, which has an alarm, and when that did not work the delivery has one. It is on
# the dashboard, with the age of the events.

resource "aws_cloudwatch_metric_alarm" "function_errors" {
  alarm_name        = "${var.name}-function-errors"
  alarm_description = "${var.function_name} failed at least once in five minutes; Lambda retries its event, and nothing is lost yet. See docs/runbook.md#function-errors"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = var.function_name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "function_throttles" {
  alarm_name        = "${var.name}-function-throttles"
  alarm_description = "${var.function_name} was not allowed to run at least once in five minutes; its events wait for hours at most. See docs/runbook.md#function-throttles"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = var.function_name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "destination_delivery_failures" {
  alarm_name        = "${var.name}-destination-delivery-failures"
  alarm_description = "Lambda could not hand a failed event to ${var.intake_failures_queue_name}, and has dropped it: its submission is in the bucket only. See docs/runbook.md#destination-delivery-failures"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  namespace           = "AWS/Lambda"
  metric_name         = "DestinationDeliveryFailures"
  dimensions          = { FunctionName = var.function_name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}
