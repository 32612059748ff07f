# The one who sets problems: publishes them, and has submissions graded again after a correction. Deletes nothing.
data "aws_iam_policy_document" "author" {
  statement {
    sid       = "FindStack"
    actions   = ["ssm:GetParameter"]
    resources = [local.stack_parameter_arn]
  }

  statement {
    sid       = "ListObjects"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["submissions/*", "output/*", "events/*"]
    }
  }

  # Code too, because `submitter regrade` runs it to show which results would change.
  statement {
    sid       = "ReadProblemsAndSubmissions"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [local.events_arn, local.submissions_arn]
  }

  statement {
    sid       = "ReadResults"
    actions   = ["s3:GetObject"]
    resources = [local.output_arn]
  }

  statement {
    sid       = "Publish"
    actions   = ["s3:PutObject"]
    resources = [local.events_arn]
  }

  # regrade invokes the function, so that only the function sends messages; its timeout says how long to wait.
  statement {
    sid       = "Announce"
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = [var.function_arn]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptAndEncryptObjects"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }
}
