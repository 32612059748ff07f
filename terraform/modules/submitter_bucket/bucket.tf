resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV2_AWS_62:modules/intake_notification has the bucket's notification; checkov does not follow the name through two modules
  #checkov:skip=CKV_AWS_18:access logs need a second bucket; CloudTrail's data events show who did what, for courses that need it
  #checkov:skip=CKV_AWS_144:versioning keeps overwritten and deleted objects; a copy in another region would double the cost
  #checkov:skip=CKV_AWS_145:SSE-S3 by default, which needs no key that could be lost and no rights on KMS; customer_managed_key sets a key
  bucket        = var.name
  force_destroy = var.force_destroy
}

# A resubmission overwrites the same key; the replaced object stays readable as an older version.
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

# SSE-S3 is S3's default; setting it makes a plan show any change. A bucket key saves most requests to KMS.
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
