# The front end: puts submissions, and nothing else. It can't even see whether one is there.
data "aws_iam_policy_document" "uploader" {
  statement {
    sid       = "PutSubmissions"
    actions   = ["s3:PutObject"]
    resources = [local.submissions_arn]
  }

  # Only to encrypt. A multipart upload would have to decrypt its parts too ("Protecting data using
  # server-side encryption with AWS KMS" in S3's user guide); no submission is nearly that large.
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
