# S3, for one, invokes a function asynchronously: nobody waits for an answer, so an event that keeps failing
# would be dropped without a trace. A destination rather than a dead-letter queue of Lambda's,
# because it gets the error together with the event.
module "failures_queue" {
  source = "../queue"

  # Named after the role, so that it waits for the role; see there.
  name = "${trimsuffix(aws_iam_role.this.name, "-${var.context.region}")}-failures"
  # Time for whoever receives a failure to have its event handled again before deleting it.
  visibility_timeout_seconds = 300
  retention_days             = 14
  # Lambda sends with the function's role. What lies here is fed to the function again by redrive,
  # so nobody may slip in an event of their own.
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
