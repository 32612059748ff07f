# The key's whole policy, created together with the key: users of the key can use it at once.
data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_109:lets the account's policies decide, as AWS's default key policy does; its resource is this key only
  #checkov:skip=CKV_AWS_111:in a key policy, the resource "*" is the policy's key
  #checkov:skip=CKV_AWS_356:in a key policy, the resource "*" is the policy's key
  # Lets the account's policies decide about the key, as AWS's default key policy does. Without it,
  # nobody could ever repair this policy. Uploader, back end, operators and the function use the key
  # by their own policies and this statement. ("Default key policy" in KMS's developer guide.)
  statement {
    sid       = "LetTheAccountsPoliciesDecide"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${var.context.partition}:iam::${var.context.account_id}:root"]
    }
  }

  # S3 acts for itself when it writes an inventory or notifies an encrypted queue; for uploads and
  # downloads it uses the caller's rights. Without both conditions, any bucket of any account could
  # have S3 use the key. ("Using server-side encryption with AWS KMS keys" in S3's user guide; "The
  # confused deputy problem" in IAM's.)
  statement {
    sid       = "LetS3ForTheBucket"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.context.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.bucket_arn]
    }
  }

  # Lambda acts for itself here; to the failures queue it sends with the function's role.
  # ("Capturing records of Lambda asynchronous invocations" in Lambda's guide.)
  statement {
    sid       = "LetLambdaForTheFunction"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.context.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.function_arn]
    }
  }

  # CloudWatch Logs always encrypts and decrypts for itself, and names the log group.
  # ("Encrypt log data in CloudWatch Logs using AWS KMS".)
  statement {
    sid       = "LetCloudWatchLogsForTheLogGroup"
    actions   = ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.context.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = var.log_group_arns
    }
  }

  # SQS needs no statement: it uses the rights of the sender or receiver, and a message that moves to
  # a dead-letter queue is not encrypted again. ("Amazon SQS Key management".)
}

resource "aws_kms_key" "this" {
  description             = "Encrypts what the stack ${var.context.stack} stores: submissions, results, messages and logs."
  policy                  = data.aws_iam_policy_document.this.json
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest, because everything it encrypted is lost with the key
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.context.stack}"
  target_key_id = aws_kms_key.this.key_id
}
