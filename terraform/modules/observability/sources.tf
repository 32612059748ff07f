# What alarms and dashboard read: each a metric's namespace and the dimensions that its metrics have.
# (The function counts under the names in lambda/submission/log.py.)
locals {
  intake   = { namespace = "Submitter", dimensions = { Stack = var.context.stack } }
  uploads  = { namespace = "AWS/S3", dimensions = { BucketName = var.bucket_name, FilterId = aws_s3_bucket_metric.submissions.name } }
  function = { namespace = "AWS/Lambda", dimensions = { FunctionName = var.function_name } }

  submissions  = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.submissions } }
  failures     = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.intake_failures } }
  dead_letters = { namespace = "AWS/SQS", dimensions = { QueueName = var.queue_names.dead_letter } }
}

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
