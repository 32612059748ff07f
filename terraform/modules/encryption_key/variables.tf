variable "context" {
  description = "The stack, which names the key's alias, and its account, region and partition."
  type        = object({ stack = string, account_id = string, region = string, partition = string })
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

variable "log_group_arns" {
  description = "ARNs of the log groups that CloudWatch Logs may use the key for."
  type        = list(string)
  nullable    = false
}
