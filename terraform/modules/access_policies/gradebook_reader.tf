# The one who hands in grades, with submitter grades, report and feedback: reads all but code, and changes nothing.
data "aws_iam_policy_document" "gradebook_reader" {
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

  # A .json says whose a submission is. Versions, because older results count where the best one does, and so
  # that all of a gradebook is of one time.
  statement {
    sid       = "ReadAllButCode"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [local.events_arn, local.output_arn, "${local.submissions_arn}.json"]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptObjects"
      actions   = ["kms:Decrypt"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }
}
