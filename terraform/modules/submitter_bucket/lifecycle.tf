# The slowest resource of the stack: the provider waits about a minute until S3 reports the new
# configuration. Nothing should depend on it.
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

    # When all versions of a deleted object have expired, its delete marker is left.
    expiration {
      expired_object_delete_marker = true
    }
  }

  # Without versioning there are no noncurrent versions to expire.
  depends_on = [aws_s3_bucket_versioning.this]
}
