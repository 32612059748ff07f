variable "name" {
  description = "Name of the stack; the dashboard is named after it, and every alarm's name starts with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region the stack's metrics are in."
  type        = string
  nullable    = false
}

variable "bucket_name" {
  description = "Name of the bucket that submissions are uploaded to."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Name of the intake function."
  type        = string
  nullable    = false
}

variable "queue_name" {
  description = "Name of the submitter queue."
  type        = string
  nullable    = false
}

variable "dead_letter_queue_name" {
  description = "Name of the queue that holds messages received too often."
  type        = string
  nullable    = false
}

variable "intake_failures_queue_name" {
  description = "Name of the queue that holds events the function failed on."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that the alarms notify; null for none."
  type        = string
}

variable "bucket_growth_alarm_mb" {
  description = "Megabytes uploaded within an hour above which an alarm starts."
  type        = number
  nullable    = false
}

variable "oldest_message_age_alarm_seconds" {
  description = "Age of the submitter queue's oldest message, in seconds, above which an alarm starts."
  type        = number
  nullable    = false
}
