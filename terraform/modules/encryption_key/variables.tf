variable "name" {
  description = "Name of the stack; the key's alias is named after it."
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
  description = "ARN of the bucket that S3 may use the key for."
  type        = string
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the function that Lambda may use the key for."
  type        = string
  nullable    = false
}

variable "log_group_arn" {
  description = "ARN of the log group that CloudWatch Logs may use the key for."
  type        = string
  nullable    = false
}
