variable "context" {
  description = "The function's stack, and its region."
  type        = object({ stack = string, region = string })
  nullable    = false
}

variable "name" {
  description = "Name of the function; the names of its role and log group are made from it."
  type        = string
  nullable    = false
}

variable "description" {
  description = "The function's description in Lambda, one sentence."
  type        = string
  nullable    = false
}

variable "role_description" {
  description = "The role's description in IAM, one sentence."
  type        = string
  nullable    = false
}

variable "package_path" {
  description = "Path of the function's zip. If there is a file of the same name with .digest at the end, a plan compares its text, the digest of what the zip was made from, in place of the zip's."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "The function in the zip that Lambda calls, as package.module.function."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "The function's environment variables, without secrets."
  type        = map(string)
  nullable    = false
}

variable "sends_to" {
  description = "ARNs of the queues that the function sends to; Lambda itself sends to the failures queue, with the function's role."
  type        = list(string)
  nullable    = false
}

variable "settings" {
  description = "The function's settings, each as the root's variable of that name describes it."
  type = object({
    architecture         = string
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
    tracing_mode         = string
    log_retention_days   = number
  })
  nullable = false
}

variable "asynchronous" {
  description = "For a function that is invoked asynchronously: how often and how long Lambda tries an event, and the ARN of the queue for events that it gives up; null for another function."
  type        = object({ retry_attempts = number, event_max_age_seconds = number, failures_queue_arn = string })
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary of the function's role; null for none."
  type        = string
  default     = null
}

variable "key" {
  description = "The KMS key that encrypts the queues and the log; null for AWS's own keys."
  type        = object({ arn = string })
}
