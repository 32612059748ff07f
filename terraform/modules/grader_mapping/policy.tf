# What the grader needs, see docs/results.md: messages, submissions, problems, and results.
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TakeMessages"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    resources = [var.queue_arn]
  }

  statement {
    sid       = "ReadSubmissions"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${var.bucket_arn}/submissions/*"]
  }

  statement {
    sid       = "ReadProblemsAndResults"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/events/*", "${var.bucket_arn}/output/*"]
  }

  # To find out which of two versions is newer. It does not allow listing objects.
  statement {
    sid       = "ListVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = [var.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["submissions/*", "output/*"]
    }
  }

  statement {
    sid       = "WriteResults"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arn}/output/*"]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptMessagesAndObjects"
      actions   = ["kms:Decrypt"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.context.region}.amazonaws.com", "sqs.${var.context.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "EncryptResults"
      actions   = ["kms:GenerateDataKey"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.context.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "${var.function.name}-submissions"
  role   = var.function.role_name
  policy = data.aws_iam_policy_document.this.json
}
