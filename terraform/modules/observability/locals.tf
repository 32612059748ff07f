locals {
  # The same for the start and the end of an alarm: whoever was called is told when it is over.
  actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]

  # The function's own metrics, under the names that lambda/submission/log.py gives them.
  namespace = "Submitter"
}
