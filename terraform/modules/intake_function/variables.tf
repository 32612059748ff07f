variable "name" {
  description = "Name of the function; its role, log group and failures queue are named after it."
  type        = string
  nullable    = false
}

variable "stack_name" {
  description = "Name of the stack, which the function's metrics are counted for."
  type        = string
  nullable    = false
}

variable "bucket_name" {
  description = "Name of the bucket whose uploads the function announces; it ignores others'."
  type        = string
  nullable    = false
}

variable "package_path" {
  description = "Path of the function's zip."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Instruction set the function runs on: arm64 or x86_64."
  type        = string
  nullable    = false
}

variable "memory_mb" {
  description = "Memory of the function in MB."
  type        = number
  nullable    = false
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda stops one run of the function."
  type        = number
  nullable    = false
}

variable "reserved_concurrency" {
  description = "How many runs may go on at once; null for the account's shared limit."
  type        = number
}

variable "tracing_mode" {
  description = "X-Ray tracing: Active or PassThrough."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days to keep the function's logs."
  type        = number
  nullable    = false
}

variable "retry_attempts" {
  description = "How often Lambda retries an event the function failed on."
  type        = number
  nullable    = false
}

variable "event_max_age_seconds" {
  description = "Seconds an event may wait for the function before it counts as failed."
  type        = number
  nullable    = false
}

variable "submitter_queue_arn" {
  description = "ARN of the queue the function sends to."
  type        = string
  nullable    = false
}

variable "submitter_queue_url" {
  description = "URL of the queue the function sends to."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that the function's role never goes beyond; null sets none."
  type        = string
  default     = null
}

variable "customer_managed_key" {
  description = "Whether a key of the stack's own encrypts the queues and the log."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of that key; null if there is none."
  type        = string
}
