output "bucket_name" {
  description = "Name of the bucket, known after its uploads invoke the function."
  value       = aws_s3_bucket_notification.this.bucket
}
