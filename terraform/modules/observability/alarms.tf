# An alarm is an entry here and one of its name in docs/runbook.md; submitter doctor has to expect it.
# Each fires above its threshold. The order is the dashboard's: the cause comes before what it causes.
#
# Lambda and SQS write no data while nothing happens, hence missing_data = "notBreaching".
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
#
# AsyncEventsDropped has no alarm: it also counts events that went to the intake-failures queue, which has an
# alarm, and if they could not go there, the delivery has one.
locals {
  alarms = [
    # Announcing has stopped. S3 counts requests, so a single missing announcement cannot be seen: that is
    # for `submitter reconcile`. Two uploads and a quarter of an hour without an announcement do not happen
    # while the intake works. It fires wrongly when only .py files are uploaded, and for a minute or two when
    # the last upload of a quarter is the first for long.
    {
      name         = "uploads-without-announcements"
      description  = "For 15 minutes something was uploaded under submissions/ in ${var.bucket_name}, and no submission was announced"
      threshold    = 0
      missing_data = "notBreaching"
      # A function that does not run writes no metric, hence the zeros.
      queries = [
        { id = "unannounced", label = "Uploads without an announcement", expression = "IF(uploads >= 2 AND FILL(announced, 0) == 0, uploads, 0)" },
        { id = "uploads", label = "Uploads", expression = "FILL(puts, 0) + FILL(posts, 0)" },
        { id = "puts", metric = merge(local.uploads, { name = "PutRequests", statistic = "Sum", period = 900 }) },
        # Uploads by a form, and the two ends of a multipart upload.
        { id = "posts", metric = merge(local.uploads, { name = "PostRequests", statistic = "Sum", period = 900 }) },
        { id = "announced", metric = merge(local.intake, { name = "Announced", statistic = "Sum", period = 900 }) },
      ]
    },
    # Whoever has the uploader's keys can fill the bucket, which costs money, and nothing else limits it.
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
    # A failure queue that nobody touches for hours falls silent, and its failures are still there: "ignore"
    # keeps the alarm firing. Emptying the queue is a touch, and ends the silence with a zero.
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

  # A message that somebody looks at is in flight and not visible. It counts, or the alarm would end with each
  # look. SQS writes the metric of messages in flight only while there are some, hence the zero.
  waiting = {
    for name, queue in { failures = local.failures, dead_letters = local.dead_letters } : name => [
      { id = "waiting", label = "Waiting", expression = "visible + FILL(in_flight, 0)" },
      { id = "visible", metric = merge(queue, { name = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", period = 60 }) },
      { id = "in_flight", metric = merge(queue, { name = "ApproximateNumberOfMessagesNotVisible", statistic = "Maximum", period = 60 }) },
    ]
  }

  # Whoever hears that an alarm started hears that it is over.
  actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# An alarm watches its metric, or the first of its queries.
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
