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
