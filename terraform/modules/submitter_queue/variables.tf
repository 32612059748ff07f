variable "name" {
  description = "Name of the submitter queue; the dead-letter queue's is made from it."
  type        = string
  nullable    = false
}

variable "visibility_timeout_seconds" {
  description = "Seconds a received message stays hidden from other receivers."
  type        = number
  nullable    = false
}

variable "retention_days" {
  description = "Days a message waits on the submitter queue before SQS drops it."
  type        = number
  nullable    = false
}

variable "dead_letter_retention_days" {
  description = "Days since it was first sent that a message is kept once it is on the dead-letter queue."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.dead_letter_retention_days > var.retention_days
    error_message = "The dead-letter queue must keep messages longer than the submitter queue's ${var.retention_days} days: a message keeps its age when it moves there, so it could be dropped on arrival."
  }
}

variable "max_receive_count" {
  description = "How often a message may be received without being deleted before it moves to the dead-letter queue."
  type        = number
  nullable    = false
}

variable "sender_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that may send to the submitter queue."
  type        = list(string)
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the messages; null for SQS's own key."
  type        = string
}
