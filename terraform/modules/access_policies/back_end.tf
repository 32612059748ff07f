# The back end: receives messages, reads submissions and results, writes results.
data "aws_iam_policy_document" "back_end" {
  statement {
    sid = "TakeMessages"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes", # an event source mapping needs it, for a back end on Lambda
      "sqs:ReceiveMessage",
    ]
    resources = [var.queue_arns.submissions]
  }

  # GetObjectVersion, because a message names a version. Results, because a back end reads the existing
  # result before it writes one (docs/results.md).
  statement {
    sid       = "ReadSubmissionsAndResults"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [local.submissions_arn, local.output_arn]
  }

  statement {
    sid       = "ReadEvents"
    actions   = ["s3:GetObject"]
    resources = [local.events_arn]
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
