# Read from left to right as a submission travels: bucket, function, queue, and the queues it ends
# in when something fails. Four columns of six, which is the width of a dashboard.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
locals {
  # In a column's list each metric is what the widget's "metrics" takes: namespace, name, dimensions,
  # settings.
  columns = [
    {
      title = "1. Bucket"
      text  = "Requests under `submissions/` in `${var.bucket_name}`. A submission is two uploads, a `.py` and a `.json`."
      widgets = [
        {
          title = "Uploads"
          stat  = "Sum"
          metrics = [
            ["AWS/S3", "PutRequests", "BucketName", var.bucket_name, "FilterId", aws_s3_bucket_metric.submissions.name],
            ["AWS/S3", "PostRequests", "BucketName", var.bucket_name, "FilterId", aws_s3_bucket_metric.submissions.name],
          ]
        },
        {
          title = "Refused and failed requests"
          stat  = "Sum"
          metrics = [
            ["AWS/S3", "4xxErrors", "BucketName", var.bucket_name, "FilterId", aws_s3_bucket_metric.submissions.name],
            ["AWS/S3", "5xxErrors", "BucketName", var.bucket_name, "FilterId", aws_s3_bucket_metric.submissions.name],
          ]
        },
        {
          title = "First byte latency"
          stat  = "p90"
          metrics = [
            ["AWS/S3", "FirstByteLatency", "BucketName", var.bucket_name, "FilterId", aws_s3_bucket_metric.submissions.name],
          ]
        },
      ]
    },
    {
      title = "2. Function"
      text  = "`${var.function_name}` announces each `.json` that is a submission's, and ignores others for a reason."
      widgets = [
        {
          title = "What became of uploads"
          stat  = "Sum"
          metrics = [
            [local.namespace, "Announced", "Stack", var.name],
            [local.namespace, "Ignored", "Stack", var.name],
            [local.namespace, "Failed", "Stack", var.name],
          ]
        },
        {
          title = "Ignored, by reason"
          stat  = "Sum"
          # A search rather than a list, so that a reason that is added to the function is shown too.
          metrics = [
            [{ expression = "SEARCH('{${local.namespace},Stack,Reason} MetricName=\"Ignored\" Stack=\"${var.name}\"', 'Sum', 300)", label = "$${PROP('Dim.Reason')}" }],
          ]
        },
        {
          title = "Trouble of the function"
          stat  = "Sum"
          metrics = [
            ["AWS/Lambda", "Errors", "FunctionName", var.function_name],
            ["AWS/Lambda", "Throttles", "FunctionName", var.function_name],
            ["AWS/Lambda", "AsyncEventsDropped", "FunctionName", var.function_name],
            ["AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", var.function_name],
          ]
        },
        {
          title = "How long events wait, and runs take (milliseconds)"
          stat  = "Maximum"
          metrics = [
            ["AWS/Lambda", "AsyncEventAge", "FunctionName", var.function_name],
            ["AWS/Lambda", "Duration", "FunctionName", var.function_name],
          ]
        },
      ]
    },
    {
      title = "3. Queue"
      text  = "`${var.queue_name}` holds a message for each submission until the back end deletes it."
      widgets = [
        {
          title = "Messages sent, received and deleted"
          stat  = "Sum"
          metrics = [
            ["AWS/SQS", "NumberOfMessagesSent", "QueueName", var.queue_name],
            ["AWS/SQS", "NumberOfMessagesReceived", "QueueName", var.queue_name],
            ["AWS/SQS", "NumberOfMessagesDeleted", "QueueName", var.queue_name],
          ]
        },
        {
          title = "Messages waiting, and being worked on"
          stat  = "Maximum"
          metrics = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.queue_name],
            ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", var.queue_name],
          ]
        },
        {
          title = "Age of the oldest message (seconds)"
          stat  = "Maximum"
          alarm = var.oldest_message_age_alarm_seconds
          metrics = [
            ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_name],
          ]
        },
      ]
    },
    {
      title = "4. Failure queues"
      text  = "Should be empty. `${var.intake_failures_queue_name}`: could not be announced. `${var.dead_letter_queue_name}`: could not be processed."
      widgets = [
        {
          title = "Intake failures"
          stat  = "Maximum"
          metrics = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.intake_failures_queue_name],
            ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", var.intake_failures_queue_name],
          ]
        },
        {
          title = "Dead letters"
          stat  = "Maximum"
          metrics = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name],
            ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", var.dead_letter_queue_name],
          ]
        },
        {
          title = "Age of the oldest failure (seconds)"
          stat  = "Maximum"
          metrics = [
            ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.intake_failures_queue_name],
            ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.dead_letter_queue_name],
          ]
        },
      ]
    },
  ]

  header_widgets = [
    {
      type       = "text"
      x          = 0
      y          = 0
      width      = 24
      height     = 2
      properties = { markdown = "# ${var.name}\nA submission travels from left to right. An alarm names its entry in docs/runbook.md." }
    },
    {
      type   = "alarm"
      x      = 0
      y      = 2
      width  = 24
      height = 3
      properties = {
        title = "Alarms"
        alarms = [
          aws_cloudwatch_metric_alarm.uploads_without_announcements.arn,
          aws_cloudwatch_metric_alarm.bucket_growth.arn,
          aws_cloudwatch_metric_alarm.function_errors.arn,
          aws_cloudwatch_metric_alarm.function_throttles.arn,
          aws_cloudwatch_metric_alarm.destination_delivery_failures.arn,
          aws_cloudwatch_metric_alarm.oldest_message_age.arn,
          aws_cloudwatch_metric_alarm.intake_failures_waiting.arn,
          aws_cloudwatch_metric_alarm.dead_letters_waiting.arn,
        ]
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

  metric_widgets = flatten([
    for column, each in local.columns : [
      for row, widget in each.widgets : {
        type   = "metric"
        x      = column * 6
        y      = 8 + row * 6
        width  = 6
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          stat    = widget.stat
          period  = 300
          metrics = widget.metrics
          yAxis   = { left = { min = 0 } }
          annotations = {
            horizontal = [for threshold in compact([try(widget.alarm, null)]) : { label = "Alarm", value = tonumber(threshold) }]
          }
        }
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = concat(local.header_widgets, local.title_widgets, local.metric_widgets) })
}
