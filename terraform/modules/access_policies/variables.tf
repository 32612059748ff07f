variable "context" {
  description = "The stack, whose name begins the policies' names, and its account, region and partition."
  type        = object({ stack = string, account_id = string, region = string, partition = string })
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the submitter bucket."
  type        = string
  nullable    = false
}

variable "queue_arns" {
  description = "ARNs of the submitter queue, its dead-letter queue and the intake-failures queue."
  type        = object({ submissions = string, dead_letter = string, intake_failures = string })
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the intake function."
  type        = string
  nullable    = false
}

variable "log_group_arn" {
  description = "ARN of the function's log group, without :* at the end."
  type        = string
  nullable    = false
}

variable "grader" {
  description = "ARNs of the grader, its log group and its event source mapping; null without grading."
  type        = object({ function_arn = string, log_group_arn = string, mapping_arn = string })
  default     = null
}

variable "stack_parameter_name" {
  description = "Name of the SSM parameter that describes the stack, with a slash at the beginning."
  type        = string
  nullable    = false
}

variable "key" {
  description = "The KMS key that encrypts the bucket and the queues; null for AWS's own keys."
  type        = object({ arn = string })
}

variable "principal_arns" {
  description = "ARNs of the roles and users, all in the stack's account, that each policy is attached to."
  type = object({
    uploader           = set(string)
    back_end           = set(string)
    results_reader     = set(string)
    author             = set(string)
    gradebook_reader   = set(string)
    operator           = set(string)
    repairing_operator = set(string)
  })
  nullable = false

  # Attachments take a name, so the ARN of another account's principal would attach to one of the same
  # name here.
  validation {
    condition = alltrue([
      for arn in flatten([for arns in values(var.principal_arns) : tolist(arns)]) :
      split(":", arn)[4] == var.context.account_id
    ])
    error_message = "Policies can be attached only to roles and users of the stack's own account (${var.context.account_id}). For another account, create a role here that it can assume."
  }
}
