# source_account, because another account can create a bucket with this name when the bucket is gone.
resource "aws_lambda_permission" "this" {
  statement_id   = "AllowInvokeBySubmitterBucket"
  action         = "lambda:InvokeFunction"
  function_name  = var.function_name
  principal      = "s3.amazonaws.com"
  source_account = var.context.account_id
  source_arn     = var.bucket_arn
}

# A bucket has ONE notification configuration. A second resource of this type for the same bucket, in
# any stack, silently replaces this one, and submissions are no longer announced. Add further
# notifications here.
resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket_name

  # The prefix keeps output/ from triggering the function. S3 has no patterns, so the function decides
  # which keys are submissions.
  lambda_function {
    id                  = "submission-intake"
    lambda_function_arn = var.function_arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = "submissions/"
    filter_suffix       = ".json"
  }

  # S3 accepts the configuration only if it has the right to invoke the function.
  depends_on = [aws_lambda_permission.this]
}
