variable "name" {
  description = "Name of the stack; the policies are named after it."
  type        = string
  nullable    = false
}

variable "partition" {
  description = "Partition of AWS that the stack is in, such as aws."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "ID of the account that owns the stack."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region the stack is in."
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the submitter bucket."
  type        = string
  nullable    = false
}

variable "queue_arn" {
  description = "ARN of the submitter queue."
  type        = string
  nullable    = false
}

variable "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  type        = string
  nullable    = false
}

variable "intake_failures_queue_arn" {
  description = "ARN of the intake-failures queue."
  type        = string
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

variable "customer_managed_key" {
  description = "Whether a key of the stack's own encrypts the bucket and the queues."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of that key; null if there is none."
  type        = string
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
      split(":", arn)[4] == var.account_id
    ])
    error_message = "Policies can be attached to roles and users of the stack's own account only (${var.account_id}). For another account, make a role here that it may assume."
  }
}
