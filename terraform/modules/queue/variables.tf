variable "name" {
  description = "Name of the queue; a dead-letter queue's is made from it."
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
  description = "ARNs, in which * stands for any text, of the only roles and users that may send to the queue; none leaves it to everybody's own policies."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "dead_letter" {
  description = "For a dead-letter queue: how often a message may be received without being deleted before it moves there, and the days since it was first sent that it is kept there. null for none."
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
