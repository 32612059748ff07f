"""The intake of submissions: receives S3 events and sends announcements to an SQS queue."""
