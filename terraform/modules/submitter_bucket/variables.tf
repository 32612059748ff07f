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

variable "context" {
  description = "The account that owns the bucket; no other has access to it."
  type        = object({ account_id = string })
  nullable    = false
}

variable "version_deleter_arns" {
  description = "ARNs, in which * stands for any text, of the only roles and users that may delete a version of an object for good."
  type        = list(string)
  nullable    = false
}

variable "key" {
  description = "The KMS key that encrypts the objects; null for S3's own."
  type        = object({ arn = string })
}
