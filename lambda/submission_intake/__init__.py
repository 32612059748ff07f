"""The intake of submissions: an S3 event comes in, announcements go out on an SQS queue."""
