variable "name" {
  description = "Name of the bucket."
  type        = string
  nullable    = false
}

variable "force_destroy" {
  description = "Whether Terraform may destroy the bucket with objects in it."
  type        = bool
  nullable    = false
}

variable "noncurrent_version_retention_days" {
  description = "Days to keep a replaced or deleted version of an object."
  type        = number
  nullable    = false
}

variable "multipart_abort_days" {
  description = "Days after which S3 aborts an unfinished multipart upload."
  type        = number
  nullable    = false
}

variable "context" {
  description = "The account that owns the bucket; all other accounts are denied access."
  type        = object({ account_id = string })
  nullable    = false
}

variable "version_deleter_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that can delete a version of an object."
  type        = list(string)
  nullable    = false
}

variable "key" {
  description = "The KMS key that encrypts the objects; null for S3's own."
  type        = object({ arn = string })
}
