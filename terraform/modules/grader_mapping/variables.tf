variable "context" {
  description = "The stack's region."
  type        = object({ region = string })
  nullable    = false
}

variable "function" {
  description = "Names of the grader and of its role."
  type        = object({ name = string, role_name = string })
  nullable    = false
}

variable "queue_arn" {
  description = "ARN of the submitter queue."
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the submitter bucket."
  type        = string
  nullable    = false
}

variable "maximum_concurrency" {
  description = "How many submissions the grader grades at once, at most."
  type        = number
  nullable    = false
}

variable "key" {
  description = "The KMS key that encrypts the bucket and the queues; null for AWS's own keys."
  type        = object({ arn = string })
}
