# Everything the key is for, in one policy written with the key itself: whatever names the key can
# use it at once, and no half of a policy is ever in force.
data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_109:a key policy that leaves the decision to the account's own policies, as AWS's default one does; its resource is this key only
  #checkov:skip=CKV_AWS_111:in a key policy the resource "*" is the one key that the policy belongs to
  #checkov:skip=CKV_AWS_356:in a key policy the resource "*" is the one key that the policy belongs to
  # Hands the key to the account's own policies, as AWS's default key policy does. Without it nobody
  # could ever repair this policy. Uploader, back end, operators and the function use the key by
  # their own policies, and so by this statement. ("Default key policy" in KMS's developer guide.)
  statement {
    sid       = "LetTheAccountsPoliciesDecide"
    actions   = ["kms:*"]
    resources = ["*"] # in a key policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${var.context.partition}:iam::${var.context.account_id}:root"]
    }
  }

  # What S3 does in its own name with this bucket, such as writing an inventory or notifying an
  # encrypted queue; for an upload or a download it uses the rights of whoever asks. Without both
  # conditions any bucket of any account could have S3 use the key. ("Using server-side encryption
  # with AWS KMS keys" in S3's user guide; "The confused deputy problem" in IAM's.)
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

  # What Lambda does in its own name for this function; to the failures queue it sends with the
  # function's role. ("Capturing records of Lambda asynchronous invocations" in Lambda's guide.)
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

  # CloudWatch Logs encrypts and decrypts in its own name, whoever writes or reads, and says for
  # which log group. ("Encrypt log data in CloudWatch Logs using AWS KMS".)
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
      values   = [var.log_group_arn]
    }
  }

  # SQS is not here: it always asks with the rights of whoever sends or receives, and a message that
  # moves to a dead-letter queue stays encrypted as it is. ("Amazon SQS Key management".)
}

resource "aws_kms_key" "this" {
  description             = "Encrypts what the stack ${var.context.stack} stores: submissions, results, messages and logs."
  policy                  = data.aws_iam_policy_document.this.json
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest: what the key has encrypted is lost with it
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.context.stack}"
  target_key_id = aws_kms_key.this.key_id
}
