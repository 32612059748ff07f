# source_arn alone is not enough: a bucket's name can be registered by another account once the
# bucket is gone.
resource "aws_lambda_permission" "this" {
  statement_id   = "AllowInvokeBySubmitterBucket"
  action         = "lambda:InvokeFunction"
  function_name  = var.function_name
  principal      = "s3.amazonaws.com"
  source_account = var.context.account_id
  source_arn     = var.bucket_arn
}

# A bucket has ONE notification configuration. Another resource of this type for the same bucket, in
# this stack or any other, silently replaces this one, and submissions are no longer announced: add
# further notifications here.
resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket_name

  # The prefix keeps output/ from ever triggering the function. Neither filter is the whole check,
  # as S3 knows no patterns: the function itself decides which keys are submissions.
  lambda_function {
    id                  = "submission-intake"
    lambda_function_arn = var.function_arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = "submissions/"
    filter_suffix       = ".json"
  }

  # S3 checks that it may invoke the function before it accepts the configuration.
  depends_on = [aws_lambda_permission.this]
}
