# Sources of the alarms' and the dashboard's metrics: a namespace and its dimensions.
# The function's metric names are in lambda/submission/log.py.
locals {
  intake   = { namespace = "Submitter", dimensions = { Stack = var.context.stack } }
  uploads  = { namespace = "AWS/S3", dimensions = { BucketName = var.bucket_name, FilterId = aws_s3_bucket_metric.submissions.name } }
  grader   = { namespace = "AWS/Lambda", dimensions = { FunctionName = coalesce(var.grader_name, "none") } }
  function = { namespace = "AWS/Lambda", dimensions = { FunctionName = var.function_name } }

  submissions  = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.submissions } }
  failures     = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.intake_failures } }
  dead_letters = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.dead_letter } }
}

# Counts uploads without the bucket's notification, so the count goes on if the notification is gone.
# CloudWatch bills each kind of request under the prefix as a custom metric: a few dollars a month.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
resource "aws_s3_bucket_metric" "submissions" {
  bucket = var.bucket_name
  name   = "submissions"

  filter {
    prefix = "submissions/"
  }
}
