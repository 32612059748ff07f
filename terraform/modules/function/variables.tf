variable "context" {
  description = "The stack that the function is a part of, and its region."
  type        = object({ stack = string, region = string })
  nullable    = false
}

variable "name" {
  description = "Name of the function; its role, log group and failures queue are named after it."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
  nullable    = false
}

variable "package_path" {
  description = "Path of the function's zip."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "What Lambda calls in the zip, as package.module.function."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "The function's environment variables; no secrets."
  type        = map(string)
  nullable    = false
}

variable "sends_to" {
  description = "ARNs of the queues that the function sends to."
  type        = list(string)
  nullable    = false
}

variable "settings" {
  description = "How the function runs and what is kept of it, each as the root's variable of the name says; a reserved_concurrency of null leaves it to the account's shared limit."
  type = object({
    architecture          = string
    memory_mb             = number
    timeout_seconds       = number
    reserved_concurrency  = number
    tracing_mode          = string
    log_retention_days    = number
    retry_attempts        = number
    event_max_age_seconds = number
  })
  nullable = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that the function's role never goes beyond; null sets none."
  type        = string
  default     = null
}

variable "key" {
  description = "The KMS key that encrypts the queues and the log; null for AWS's own keys."
  type        = object({ arn = string })
}
