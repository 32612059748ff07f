variable "name" {
  description = "Name of the queue; the dead-letter queue's name is made from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "A queue's name must be 1 to 80 letters, digits, hyphens and underscores."
  }
}

variable "visibility_timeout_seconds" {
  description = "Seconds a received message stays hidden from other receivers."
  type        = number
  nullable    = false

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200
    error_message = "A queue's visibility timeout must be 0 to 43200 seconds (12 hours)."
  }
}

variable "retention_days" {
  description = "Days a message waits before SQS drops it."
  type        = number
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 14
    error_message = "A queue's retention must be 1 to 14 days."
  }
}

variable "sender_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that can send to the queue. With an empty list, each principal's own policies decide."
  type        = list(string)
  nullable    = false
}

variable "dead_letter" {
  description = "The dead-letter queue: after max_receive_count receives without a deletion a message moves there, and is kept until retention_days after it was first sent. null for none."
  type        = object({ max_receive_count = number, retention_days = optional(number, 14) })
  default     = null

  validation {
    condition     = var.dead_letter == null ? true : var.dead_letter.retention_days > var.retention_days
    error_message = "The dead-letter queue must keep messages longer than the queue's ${var.retention_days} days: a message keeps its age when it moves there, so it could be dropped on arrival."
  }
}

variable "key" {
  description = "The KMS key that encrypts the messages; null for SQS's own key."
  type        = object({ arn = string })
  default     = null
}
