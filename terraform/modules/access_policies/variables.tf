variable "context" {
  description = "The policies' stack, which they are named after, and where it is."
  type        = object({ stack = string, account_id = string, region = string, partition = string })
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the submitter bucket."
  type        = string
  nullable    = false
}

variable "queue_arns" {
  description = "ARNs of the submitter queue, of the queue of messages received too often, and of that of events the function failed on."
  type        = object({ submissions = string, dead_letter = string, intake_failures = string })
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the intake function."
  type        = string
  nullable    = false
}

variable "log_group_arn" {
  description = "ARN of the function's log group, without a star at its end."
  type        = string
  nullable    = false
}

variable "stack_parameter_name" {
  description = "Name of the SSM parameter that describes the stack, with its leading slash."
  type        = string
  nullable    = false
}

variable "key" {
  description = "The KMS key that encrypts the bucket and the queues; null for AWS's own keys."
  type        = object({ arn = string })
}

variable "principal_arns" {
  description = "ARNs of the roles and users that each policy is attached to; all in the stack's account."
  type = object({
    uploader           = set(string)
    back_end           = set(string)
    operator           = set(string)
    repairing_operator = set(string)
  })
  nullable = false

  # A policy is attached by the principal's name, so another account's would hit a namesake here.
  validation {
    condition = alltrue([
      for arn in flatten([for arns in values(var.principal_arns) : tolist(arns)]) :
      split(":", arn)[4] == var.context.account_id
    ])
    error_message = "Policies can be attached to roles and users of the stack's own account only (${var.context.account_id}). For another account, make a role here that it may assume."
  }
}
