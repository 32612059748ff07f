# The slowest resource of the stack: the provider watches for about a minute that S3 keeps to the
# new configuration. Nothing may wait for it.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-unfinished-multipart-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.multipart_abort_days
    }
  }

  rule {
    id     = "expire-noncurrent-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_retention_days
    }

    # A deleted object whose versions have all expired leaves its delete marker behind.
    expiration {
      expired_object_delete_marker = true
    }
  }

  # Before versioning there is nothing noncurrent for a rule to be about.
  depends_on = [aws_s3_bucket_versioning.this]
}
