variable "name" {
  description = "Name of the bucket."
  type        = string
  nullable    = false
}

variable "force_destroy" {
  description = "Whether the bucket may be destroyed with objects in it."
  type        = bool
  nullable    = false
}

variable "noncurrent_version_retention_days" {
  description = "Days to keep a version of an object after it was replaced or deleted."
  type        = number
  nullable    = false
}

variable "multipart_abort_days" {
  description = "Days after which an unfinished multipart upload is aborted."
  type        = number
  nullable    = false
}

variable "account_id" {
  description = "ID of the account that owns the bucket; no other has access to it."
  type        = string
  nullable    = false
}

variable "version_deleter_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that may delete a version of an object for good."
  type        = list(string)
  nullable    = false
}

variable "customer_managed_key" {
  description = "Whether a key of the stack's own encrypts the objects."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of that key; null if there is none."
  type        = string
}
