# To add an alarm, see docs/architecture.md. Each fires above its threshold. The dashboard shows them in this
# order: causes come before their effects.
#
# "notBreaching", because Lambda and SQS write no data while nothing happens.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
#
# AsyncEventsDropped needs no alarm: it counts events that went to the intake-failures queue, or could not go
# there, and both have an alarm.
locals {
  alarms = concat(local.intake_alarms, var.grader_name == null ? [] : local.grader_alarms)

  # If the grader is behind, oldest-message-age fires.
  grader_alarms = [
    {
      name         = "grader-errors"
      description  = "${coalesce(var.grader_name, "none")} died at least once in five minutes, such as of too little memory or time; its message comes back"
      metric       = merge(local.grader, { name = "Errors", statistic = "Sum", period = 300 })
      threshold    = 0
      missing_data = "notBreaching"
    },
    {
      name         = "grading-failures"
      description  = "Submissions could not be graded, such as because their problem is not published; their messages come back, and then become dead letters"
      metric       = merge(local.intake, { name = "GradingFailed", statistic = "Sum", period = 300 })
      threshold    = 0
      missing_data = "notBreaching"
    },
  ]

  intake_alarms = [
    # Announcing has stopped: two uploads and no announcement in 15 minutes do not happen while the intake
    # works. It cannot see a single missing announcement, because S3 counts requests and not submissions:
    # `submitter reconcile` can. It fires wrongly if only .py files are uploaded, and for a minute or two if
    # the first uploads after a pause come at the end of the 15 minutes.
    {
      name         = "uploads-without-announcements"
      description  = "For 15 minutes something was uploaded under submissions/ in ${var.bucket_name}, and no submission was announced"
      threshold    = 0
      missing_data = "notBreaching"
      # FILL, because a function that does not run writes no metric.
      queries = [
        { id = "unannounced", label = "Uploads without an announcement", expression = "IF(uploads >= 2 AND FILL(announced, 0) == 0, uploads, 0)" },
        { id = "uploads", label = "Uploads", expression = "FILL(puts, 0) + FILL(posts, 0)" },
        { id = "puts", metric = merge(local.uploads, { name = "PutRequests", statistic = "Sum", period = 900 }) },
        # Uploads from a form, and the first and last requests of a multipart upload.
        { id = "posts", metric = merge(local.uploads, { name = "PostRequests", statistic = "Sum", period = 900 }) },
        { id = "announced", metric = merge(local.intake, { name = "Announced", statistic = "Sum", period = 900 }) },
      ]
    },
    # Nothing else limits what a principal with the uploader policy can upload, and storage costs money.
    {
      name         = "bucket-growth"
      description  = "More than ${var.bucket_growth_alarm_mb} MB were uploaded under submissions/ in ${var.bucket_name} within an hour"
      metric       = merge(local.uploads, { name = "BytesUploaded", statistic = "Sum", period = 3600 })
      threshold    = var.bucket_growth_alarm_mb * 1000000
      missing_data = "notBreaching"
    },
    {
      name         = "function-errors"
      description  = "${var.function_name} failed at least once in five minutes; Lambda retries its event, and nothing is lost yet"
      metric       = merge(local.function, { name = "Errors", statistic = "Sum", period = 300 })
      threshold    = 0
      missing_data = "notBreaching"
    },
    {
      name         = "function-throttles"
      description  = "${var.function_name} was not allowed to run at least once in five minutes; its events wait for hours at most"
      metric       = merge(local.function, { name = "Throttles", statistic = "Sum", period = 300 })
      threshold    = 0
      missing_data = "notBreaching"
    },
    {
      name         = "destination-delivery-failures"
      description  = "Lambda could not hand a failed event to ${var.queue_names.intake_failures}, and has dropped it: its submission is in the bucket only"
      metric       = merge(local.function, { name = "DestinationDeliveryFailures", statistic = "Sum", period = 300 })
      threshold    = 0
      missing_data = "notBreaching"
    },
    {
      name         = "oldest-message-age"
      description  = "The oldest message on ${var.queue_names.submissions} has been there for more than ${var.oldest_message_age_alarm_seconds} seconds, so the back end is behind or does not run"
      metric       = merge(local.submissions, { name = "ApproximateAgeOfOldestMessage", statistic = "Maximum", period = 60 })
      threshold    = var.oldest_message_age_alarm_seconds
      missing_data = "notBreaching"
    },
    # "ignore", because SQS stops writing metrics of a queue that is unused for hours, although messages are
    # still there: the alarm keeps firing. Emptying the queue uses it, so SQS writes a zero, which ends the
    # alarm.
    {
      name         = "intake-failures-waiting"
      description  = "Events that the intake function failed on wait in ${var.queue_names.intake_failures}, and their submissions are not announced"
      queries      = local.waiting.failures
      threshold    = 0
      missing_data = "ignore"
    },
    {
      name         = "dead-letters-waiting"
      description  = "Messages that the back end received too often without deleting them wait in ${var.queue_names.dead_letter}, and their submissions are not processed"
      queries      = local.waiting.dead_letters
      threshold    = 0
      missing_data = "ignore"
    },
  ]

  # Counts messages in flight too: a message that somebody looks at is not visible, and the alarm would end with
  # each look. FILL, because SQS writes the metric of messages in flight only while there are some.
  waiting = {
    for name, queue in { failures = local.failures, dead_letters = local.dead_letters } : name => [
      { id = "waiting", label = "Waiting", expression = "visible + FILL(in_flight, 0)" },
      { id = "visible", metric = merge(queue, { name = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", period = 60 }) },
      { id = "in_flight", metric = merge(queue, { name = "ApproximateNumberOfMessagesNotVisible", statistic = "Maximum", period = 60 }) },
    ]
  }

  actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# Each alarm watches its metric, or the first of its queries.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for alarm in local.alarms : alarm.name => alarm }

  alarm_name        = "${var.context.stack}-${each.key}"
  alarm_description = "${each.value.description}. See docs/runbook.md#${each.key}"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 1
  treat_missing_data  = each.value.missing_data

  namespace   = try(each.value.metric.namespace, null)
  metric_name = try(each.value.metric.name, null)
  dimensions  = try(each.value.metric.dimensions, null)
  statistic   = try(each.value.metric.statistic, null)
  period      = try(each.value.metric.period, null)

  dynamic "metric_query" {
    for_each = try(each.value.queries, [])

    content {
      id          = metric_query.value.id
      label       = try(metric_query.value.label, null)
      expression  = try(metric_query.value.expression, null)
      return_data = metric_query.key == 0 ? true : null

      dynamic "metric" {
        for_each = try([metric_query.value.metric], [])

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.name
          dimensions  = metric.value.dimensions
          stat        = metric.value.statistic
          period      = metric.value.period
        }
      }
    }
  }
}
