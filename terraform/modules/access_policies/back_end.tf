# The back end: takes messages, reads what they tell of, writes results.
data "aws_iam_policy_document" "back_end" {
  statement {
    sid       = "TakeMessages"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
    resources = [var.queue_arn]
  }

  # A message names the version it tells of; reading that one needs a right of its own.
  statement {
    sid       = "ReadSubmissions"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [local.submissions_arn]
  }

  statement {
    sid       = "WriteResults"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arn}/output/*"]
  }

  dynamic "statement" {
    for_each = var.customer_managed_key ? ["key"] : []

    content {
      sid       = "DecryptMessagesAndSubmissions"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service, local.sqs_service]
      }
    }
  }

  dynamic "statement" {
    for_each = var.customer_managed_key ? ["key"] : []

    content {
      sid       = "EncryptResults"
      actions   = ["kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }
}
