# S3 refuses a change to a bucket's access while another one is under way ("A conflicting
# conditional operation is currently in progress"), so these three are written, and removed, one
# after the other. The public-access block comes first: from then on nothing can open the bucket.
resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# A document that names a resource directly is rendered during the apply whenever that resource changes,
# and the plan can't show the policy. Naming a local avoids that.
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

  # Whatever another account's policies say, and whatever is ever added to this one. By the account's
  # ID rather than aws:ResourceAccount, so that it says who is meant. AWS's own services act for
  # the account and are let through; a request that is not signed at all is not.
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

  # A resubmission or a deletion leaves the older version; only deleting that one destroys it. The
  # lifecycle rules are S3's own work and go on. Whoever may change this policy or those rules can
  # get around it, and has to be able to, or nobody could run Terraform: it keeps out the rest, with
  # whatever broad rights on S3. Terraform itself removes this policy before it empties the bucket.
  statement {
    sid       = "DenyVersionDeletion"
    effect    = "Deny"
    actions   = ["s3:DeleteObjectVersion"]
    resources = ["${local.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    # With nobody named there is nobody to be spared.
    dynamic "condition" {
      for_each = length(var.version_deleter_arns) > 0 ? ["named"] : []

      content {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = var.version_deleter_arns
      }
    }
  }

  # An upload that asks for no encryption gets the bucket's default. One that asks has to ask for that, or
  # nobody else might be able to read it. The stack's key has to be named by its ARN: "aws:kms" alone
  # would mean AWS's own key for S3. ("Specifying server-side encryption with AWS KMS" in S3's user guide.)
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

  # A key that the uploader brings along ("Using server-side encryption with customer-provided
  # keys") is asked for by other headers.
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

  # What is archived takes hours to be readable, and other classes keep fewer copies.
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

# Switches ACLs off: whoever uploads, the bucket's owner owns the object, and policies alone decide.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }

  depends_on = [aws_s3_bucket_policy.this]
}
