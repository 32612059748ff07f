# Lambda takes messages from the queue with the function's role, and invokes the function with them.
resource "aws_lambda_event_source_mapping" "this" {
  function_name    = var.function.name
  event_source_arn = var.queue_arn

  # One message, because a run that dies (out of memory, out of time) gives back its whole batch. The function
  # names the messages that must come back; without this, Lambda would delete them.
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }

  # Lambda refuses a mapping whose role can't receive, and may invoke the function at once.
  depends_on = [aws_iam_role_policy.this]
}
