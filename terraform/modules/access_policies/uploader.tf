# The front end: puts submissions, and nothing else. It can't even see whether one exists.
data "aws_iam_policy_document" "uploader" {
  statement {
    sid       = "PutSubmissions"
    actions   = ["s3:PutObject"]
    resources = [local.submissions_arn]
  }

  # Only to encrypt. A multipart upload would also need to decrypt its parts ("Protecting data using
  # server-side encryption with AWS KMS" in S3's user guide), but no submission is that large.
  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "EncryptSubmissions"
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
