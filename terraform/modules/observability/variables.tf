variable "context" {
  description = "The stack and its region; the dashboard is named after the stack, and every alarm's name starts with it."
  type        = object({ stack = string, region = string })
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

variable "queue_names" {
  description = "Names of the submitter queue, of the queue of messages received too often, and of that of events the function failed on."
  type        = object({ submissions = string, dead_letter = string, intake_failures = string })
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
