# From left to right, as a submission travels: bucket, function, queue, failure queues. A dashboard is
# 24 wide, so each of the four columns has 6.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
locals {
  # A widget shows each metric of each source in `of`, and the threshold of its alarm.
  columns = [
    {
      title = "1. Bucket"
      text  = "Requests under `submissions/` in `${var.bucket_name}`. A submission is two uploads, a `.py` and a `.json`."
      widgets = [
        { title = "Uploads", stat = "Sum", of = [local.uploads], metrics = ["PutRequests", "PostRequests"] },
        { title = "Refused and failed requests", stat = "Sum", of = [local.uploads], metrics = ["4xxErrors", "5xxErrors"] },
        { title = "First byte latency", stat = "p90", of = [local.uploads], metrics = ["FirstByteLatency"] },
      ]
    },
    {
      title = "2. Function"
      text  = "`${var.function_name}` announces each `.json` that is a submission's, and ignores others for a reason."
      widgets = [
        { title = "What became of uploads", stat = "Sum", of = [local.intake], metrics = ["Announced", "Ignored", "Failed"] },
        {
          title = "Ignored, by reason"
          stat  = "Sum"
          of    = []
          # A search, so that the dashboard also shows reasons added to the function later.
          searches = [
            [{ expression = "SEARCH('{${local.intake.namespace},Stack,Reason} MetricName=\"Ignored\" Stack=\"${var.context.stack}\"', 'Sum', 300)", label = "$${PROP('Dim.Reason')}" }],
          ]
        },
        {
          title   = "Trouble of the function"
          stat    = "Sum"
          of      = [local.function]
          metrics = ["Errors", "Throttles", "AsyncEventsDropped", "DestinationDeliveryFailures"]
        },
        { title = "How long events wait, and runs take (milliseconds)", stat = "Maximum", of = [local.function], metrics = ["AsyncEventAge", "Duration"] },
      ]
    },
    {
      title = "3. Queue"
      text  = "`${var.queue_names.submissions}` holds a message for each submission until the back end deletes it."
      widgets = [
        {
          title   = "Messages sent, received and deleted"
          stat    = "Sum"
          of      = [local.submissions]
          metrics = ["NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted"]
        },
        { title = "Messages waiting, and being worked on", stat = "Maximum", of = [local.submissions], metrics = local.messages },
        {
          title   = "Age of the oldest message (seconds)"
          stat    = "Maximum"
          of      = [local.submissions]
          metrics = ["ApproximateAgeOfOldestMessage"]
          alarm   = "oldest-message-age"
        },
      ]
    },
    {
      title = "4. Failure queues"
      text  = "Should be empty. `${var.queue_names.intake_failures}`: could not be announced. `${var.queue_names.dead_letter}`: could not be processed."
      widgets = [
        { title = "Intake failures", stat = "Maximum", of = [local.failures], metrics = local.messages },
        { title = "Dead letters", stat = "Maximum", of = [local.dead_letters], metrics = local.messages },
        {
          title   = "Age of the oldest failure (seconds)"
          stat    = "Maximum"
          of      = [local.failures, local.dead_letters]
          metrics = ["ApproximateAgeOfOldestMessage"]
        },
      ]
    },
  ]

  # Below the columns, from left to right.
  grader_widgets = var.grader_name == null ? [] : [
    { title = "What became of messages", stat = "Sum", of = [local.intake], metrics = ["Graded", "Rejected", "GradingFailed"] },
    { title = "Seconds to grade a submission", stat = "p90", of = [local.intake], metrics = ["GradingSeconds"] },
    { title = "Errors and throttles of the grader", stat = "Sum", of = [local.grader], metrics = ["Errors", "Throttles"] },
    { title = "Graders at work", stat = "Maximum", of = [local.grader], metrics = ["ConcurrentExecutions"] },
  ]

  messages = ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"]

  header_widgets = [
    {
      type       = "text"
      x          = 0
      y          = 0
      width      = 24
      height     = 2
      properties = { markdown = "# ${var.context.stack}\nA submission travels from left to right. An alarm names its entry in docs/runbook.md." }
    },
    {
      type   = "alarm"
      x      = 0
      y      = 2
      width  = 24
      height = 3
      properties = {
        title  = "Alarms"
        alarms = [for alarm in local.alarms : aws_cloudwatch_metric_alarm.this[alarm.name].arn]
      }
    },
  ]

  title_widgets = [
    for column, each in local.columns : {
      type       = "text"
      x          = column * 6
      y          = 5
      width      = 6
      height     = 3
      properties = { markdown = "## ${each.title}\n${each.text}" }
    }
  ]

  grader_title_widgets = var.grader_name == null ? [] : [
    {
      type       = "text"
      x          = 0
      y          = local.grader_y
      width      = 24
      height     = 2
      properties = { markdown = "## 5. Grader\n`${var.grader_name}` takes each message, and writes the submission's result under `output/` in `${var.bucket_name}`." }
    }
  ]

  grader_y = 8 + 6 * max([for each in local.columns : length(each.widgets)]...)

  placed_widgets = concat(
    flatten([for column, each in local.columns : [for row, widget in each.widgets : { x = column * 6, y = 8 + row * 6, widget = widget }]]),
    [for column, widget in local.grader_widgets : { x = column * 6, y = local.grader_y + 2, widget = widget }]
  )

  metric_widgets = [
    for place in local.placed_widgets : {
      type   = "metric"
      x      = place.x
      y      = place.y
      width  = 6
      height = 6
      properties = {
        title  = place.widget.title
        region = var.context.region
        stat   = place.widget.stat
        period = 300
        # The widget's form: namespace, name, and each dimension's name and value; or a search.
        metrics = concat(try(place.widget.searches, []), [
          for source in place.widget.of : [
            for metric in place.widget.metrics : concat([source.namespace, metric], flatten([for name, value in source.dimensions : [name, value]]))
          ]
        ]...)
        yAxis = { left = { min = 0 } }
        annotations = {
          horizontal = [for alarm in local.alarms : { label = "Alarm", value = alarm.threshold } if alarm.name == try(place.widget.alarm, null)]
        }
      }
    }
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.context.stack
  dashboard_body = jsonencode({ widgets = concat(local.header_widgets, local.title_widgets, local.grader_title_widgets, local.metric_widgets) })
}
