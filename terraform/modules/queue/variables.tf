variable "name" {
  description = "Name of the queue."
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

variable "source_policy_documents" {
  description = "Policy documents (JSON) whose statements join the queue's own; no statement may be called DenyWithoutTLS or DenyOtherSenders."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "sender_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that may send to the queue; none leaves it to everybody's own policies."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the messages; null for SQS's own key."
  type        = string
  default     = null
}
