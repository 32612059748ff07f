# The only count of uploads that does not come through the bucket's notification, and so the only
# one that goes on when the notification is gone. CloudWatch bills request metrics as custom
# metrics: each kind of request made under the prefix is one, a few dollars a month in all.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
resource "aws_s3_bucket_metric" "submissions" {
  bucket = var.bucket_name
  name   = "submissions"

  filter {
    prefix = "submissions/"
  }
}

# What is uploaded by the hour, in bytes: whoever has the uploader's keys can fill the bucket, which costs
# money and nothing else limits.
resource "aws_cloudwatch_metric_alarm" "bucket_growth" {
  alarm_name        = "${var.name}-bucket-growth"
  alarm_description = "More than ${var.bucket_growth_alarm_mb} MB were uploaded under submissions/ in ${var.bucket_name} within an hour. See docs/runbook.md#bucket-growth"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  namespace           = "AWS/S3"
  metric_name         = "BytesUploaded"
  dimensions          = { BucketName = var.bucket_name, FilterId = aws_s3_bucket_metric.submissions.name }
  statistic           = "Sum"
  period              = 3600
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.bucket_growth_alarm_mb * 1000000
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

# Says that announcing has stopped, not that one was missed. S3 counts requests: it cannot tell a .py
# from a .json, a refused upload from one that worked, or the parts of a multipart upload from
# objects, and it leaves some out. So uploads cannot be balanced against announcements; but a pair of
# them, and a quarter of an hour without any announcement, does not happen while the intake works.
# It starts wrongly when .py files alone are uploaded, and for a minute or two when the last upload
# of a quarter is the first for long. What it cannot see, `submitter reconcile` can: it compares
# object by object.
#
# The function writes no metric when it does not run, hence the zeros; without uploads there is no
# data at all, or zeros, and nothing to announce.
resource "aws_cloudwatch_metric_alarm" "uploads_without_announcements" {
  alarm_name        = "${var.name}-uploads-without-announcements"
  alarm_description = "For 15 minutes something was uploaded under submissions/ in ${var.bucket_name}, and no submission was announced. See docs/runbook.md#uploads-without-announcements"
  alarm_actions     = local.actions
  ok_actions        = local.actions

  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "unannounced"
    label       = "Uploads without an announcement"
    expression  = "IF(uploads >= 2 AND FILL(announced, 0) == 0, uploads, 0)"
    return_data = true
  }

  metric_query {
    id         = "uploads"
    label      = "Uploads"
    expression = "FILL(puts, 0) + FILL(posts, 0)"
  }

  metric_query {
    id = "puts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PutRequests"
      dimensions  = { BucketName = var.bucket_name, FilterId = aws_s3_bucket_metric.submissions.name }
      stat        = "Sum"
      period      = 900
    }
  }

  # Uploads by a form, and the two ends of a multipart upload.
  metric_query {
    id = "posts"

    metric {
      namespace   = "AWS/S3"
      metric_name = "PostRequests"
      dimensions  = { BucketName = var.bucket_name, FilterId = aws_s3_bucket_metric.submissions.name }
      stat        = "Sum"
      period      = 900
    }
  }

  metric_query {
    id = "announced"

    metric {
      namespace   = local.namespace
      metric_name = "Announced"
      dimensions  = { Stack = var.name }
      stat        = "Sum"
      period      = 900
    }
  }
}
