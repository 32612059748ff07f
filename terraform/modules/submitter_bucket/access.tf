# S3 refuses a change of a bucket's access while another is in progress ("A conflicting conditional
# operation is currently in progress"), so these three are created and removed one after the other.
# The public-access block comes first: after it, nothing can open the bucket.
resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# A local, because a plan can't show a policy document that refers to a resource which changes.
locals {
  arn = aws_s3_bucket.this.arn
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "DenyWithoutTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.arn, "${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # Holds even if another account's policies, or a statement added here, allow access. It lets AWS's own
  # services through, which act for the account, and denies unsigned requests.
  statement {
    sid       = "DenyOtherAccounts"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.arn, "${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.context.account_id]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }

  # A resubmission or a deletion keeps the older version; only deleting that version destroys it. The
  # statement does not stop S3's lifecycle rules, nor principals that can change this policy or those
  # rules, as Terraform must. Terraform removes this policy before it empties the bucket.
  statement {
    sid       = "DenyVersionDeletion"
    effect    = "Deny"
    actions   = ["s3:DeleteObjectVersion"]
    resources = ["${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    dynamic "condition" {
      for_each = length(var.version_deleter_arns) > 0 ? ["named"] : []

      content {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = var.version_deleter_arns
      }
    }
  }

  # An upload that asks for no encryption gets the bucket's default. An upload that asks for another one could
  # be unreadable for the back end. It must name the stack's key by ARN, because "aws:kms" alone means AWS's
  # own key for S3. ("Specifying server-side encryption with AWS KMS" in S3's user guide.)
  statement {
    sid       = "DenyOtherEncryption"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["false"]
    }

    condition {
      test     = "StringNotEquals"
      variable = var.key == null ? "s3:x-amz-server-side-encryption" : "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = [var.key == null ? "AES256" : var.key.arn]
    }
  }

  # Other headers ask for a key that the uploader provides ("Using server-side encryption with
  # customer-provided keys").
  statement {
    sid       = "DenyCustomerProvidedKeys"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-customer-algorithm"
      values   = ["false"]
    }
  }

  # Archived objects take hours to read, and some other classes keep fewer copies.
  statement {
    sid       = "DenyOtherStorageClasses"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-storage-class"
      values   = ["false"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-storage-class"
      values   = ["STANDARD"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Turns ACLs off: the bucket's owner owns every object, and only policies decide.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }

  depends_on = [aws_s3_bucket_policy.this]
}
