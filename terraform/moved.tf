# Addresses of resources in earlier releases: an upgrade moves them in the state and replaces none.

moved {
  from = module.submitter_queue.module.queue.aws_sqs_queue.this
  to   = module.submitter_queue.aws_sqs_queue.this["queue"]
}

moved {
  from = module.submitter_queue.module.queue.aws_sqs_queue_policy.this
  to   = module.submitter_queue.aws_sqs_queue_policy.this["queue"]
}

moved {
  from = module.submitter_queue.module.dead_letter_queue.aws_sqs_queue.this
  to   = module.submitter_queue.aws_sqs_queue.this["dead_letter"]
}

moved {
  from = module.submitter_queue.module.dead_letter_queue.aws_sqs_queue_policy.this
  to   = module.submitter_queue.aws_sqs_queue_policy.this["dead_letter"]
}

moved {
  from = module.submitter_queue.aws_sqs_queue_redrive_policy.queue
  to   = module.submitter_queue.aws_sqs_queue_redrive_policy.queue[0]
}

moved {
  from = module.submitter_queue.aws_sqs_queue_redrive_allow_policy.dead_letter_queue
  to   = module.submitter_queue.aws_sqs_queue_redrive_allow_policy.dead_letter_queue[0]
}

moved {
  from = module.intake_function.module.failures_queue.aws_sqs_queue.this
  to   = module.intake_failures.aws_sqs_queue.this["queue"]
}

moved {
  from = module.intake_function.module.failures_queue.aws_sqs_queue_policy.this
  to   = module.intake_failures.aws_sqs_queue_policy.this["queue"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.uploads_without_announcements
  to   = module.observability.aws_cloudwatch_metric_alarm.this["uploads-without-announcements"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.function_errors
  to   = module.observability.aws_cloudwatch_metric_alarm.this["function-errors"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.function_throttles
  to   = module.observability.aws_cloudwatch_metric_alarm.this["function-throttles"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.destination_delivery_failures
  to   = module.observability.aws_cloudwatch_metric_alarm.this["destination-delivery-failures"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.oldest_message_age
  to   = module.observability.aws_cloudwatch_metric_alarm.this["oldest-message-age"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.intake_failures_waiting
  to   = module.observability.aws_cloudwatch_metric_alarm.this["intake-failures-waiting"]
}

moved {
  from = module.observability.aws_cloudwatch_metric_alarm.dead_letters_waiting
  to   = module.observability.aws_cloudwatch_metric_alarm.this["dead-letters-waiting"]
}
