output "bucket_name" {
  description = "Name of the bucket, once its uploads invoke the function."
  value       = aws_s3_bucket_notification.this.bucket
}
