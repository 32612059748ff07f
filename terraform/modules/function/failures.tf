# S3 invokes a function asynchronously, so Lambda would drop an event that keeps failing. A destination gets
# the error together with the event; Lambda's dead-letter queue gets only the event.
module "failures_queue" {
  source = "../queue"

  # Made from the role's name, so that the role is created first; see role.tf.
  name = "${trimsuffix(aws_iam_role.this.name, "-${var.context.region}")}-failures"
  # Time for `submitter redrive` to have an event handled again before it deletes the message.
  visibility_timeout_seconds = 300
  retention_days             = 14
  # Lambda sends with the function's role. No other sender, because redrive has these events announced.
  sender_arns = [aws_iam_role.this.arn]
  key         = var.key
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = var.settings.retry_attempts
  maximum_event_age_in_seconds = var.settings.event_max_age_seconds

  destination_config {
    on_failure {
      destination = module.failures_queue.arn
    }
  }
}
