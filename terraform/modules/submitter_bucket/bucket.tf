resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV2_AWS_62:modules/intake_notification has the bucket's one notification; checkov does not follow the name through two modules
  #checkov:skip=CKV_AWS_18:server access logs need a second bucket to be kept and emptied; who may do what is decided by policies, and CloudTrail's data events tell it where a course has to know
  #checkov:skip=CKV_AWS_144:versioning keeps what is overwritten or deleted; a copy in another region would double the cost of a course's files
  #checkov:skip=CKV_AWS_145:by default SSE-S3, which needs no key that could be lost and no kms right for whoever uploads or reads; customer_managed_key asks for a key
  bucket        = var.name
  force_destroy = var.force_destroy
}

# A resubmission overwrites the same key; what it replaced stays readable as an older version.
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

# S3 encrypts with SSE-S3 unasked; said here so that a change of it is seen in a plan. A bucket key
# saves most of the requests to KMS, which SSE-S3 does not make at all.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.key == null ? null : true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.key == null ? "AES256" : "aws:kms"
      kms_master_key_id = try(var.key.arn, null)
    }
  }
}
