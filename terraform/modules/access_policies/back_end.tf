# The back end: takes messages, reads submissions and results, writes results.
data "aws_iam_policy_document" "back_end" {
  statement {
    sid = "TakeMessages"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes", # a back end on Lambda has its queue polled with this right too
      "sqs:ReceiveMessage",
    ]
    resources = [var.queue_arns.submissions]
  }

  # A message names its version, and reading a version is a separate right. Before it writes a result,
  # a back end reads the one that is there (docs/results.md).
  statement {
    sid       = "ReadSubmissionsAndResults"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [local.submissions_arn, local.output_arn]
  }

  statement {
    sid       = "ReadEvents"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/events/*"]
  }

  # Tells which of two versions is newer. The versions alone: objects can't be listed.
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
    resources = [local.output_arn]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptMessagesAndSubmissions"
      actions   = ["kms:Decrypt"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service, local.sqs_service]
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
        values   = [local.s3_service]
      }
    }
  }
}
