variable "context" {
  description = "The stack, and its region. The dashboard has the stack's name, and every alarm's name starts with it."
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

variable "grader_name" {
  description = "Name of the grader; null without grading."
  type        = string
}

variable "queue_names" {
  description = "Names of the submitter queue, its dead-letter queue and the intake-failures queue."
  type        = object({ submissions = string, dead_letter = string, intake_failures = string })
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that the alarms notify; null for none."
  type        = string
}

variable "bucket_growth_alarm_mb" {
  description = "The alarm bucket-growth fires above this many megabytes uploaded within an hour."
  type        = number
  nullable    = false
}

variable "oldest_message_age_alarm_seconds" {
  description = "The alarm oldest-message-age fires above this age, in seconds, of the submitter queue's oldest message."
  type        = number
  nullable    = false
}
