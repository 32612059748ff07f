variable "context" {
  description = "The account that owns the bucket."
  type        = object({ account_id = string })
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the bucket whose uploads invoke the function."
  type        = string
  nullable    = false
}

variable "bucket_name" {
  description = "Name of the bucket whose uploads invoke the function."
  type        = string
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the function to invoke."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Name of the function to invoke."
  type        = string
  nullable    = false
}
