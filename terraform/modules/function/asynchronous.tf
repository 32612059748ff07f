# S3 invokes a function asynchronously, so Lambda would drop an event that keeps failing. A destination gets
# the error together with the event; Lambda's dead-letter queue gets only the event.
resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.asynchronous == null ? 0 : 1

  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.asynchronous.retry_attempts
  maximum_event_age_in_seconds = var.asynchronous.event_max_age_seconds

  destination_config {
    on_failure {
      destination = var.asynchronous.failures_queue_arn
    }
  }
}
