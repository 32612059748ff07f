# The stack

variable "name" {
  description = "Name of the stack; every resource's name starts with it, so two stacks in one account need two names. In another region too: an account has but one dashboard of a name."
  type        = string
  default     = "submitter"
  nullable    = false

  # 32 characters keep the longest name made from it, the bucket's (name, account ID, region), within 63.
  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 32
    error_message = "The stack name must be at most 32 lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as \"submitter-test\"."
  }

  validation {
    condition     = !startswith(var.name, "sthree-") && !startswith(var.name, "amzn-s3-demo-")
    error_message = "The stack name starts the bucket's name, and S3 reserves the prefixes \"sthree-\" and \"amzn-s3-demo-\". Choose another name."
  }
}

variable "region" {
  description = "AWS region to deploy to; null takes it from the environment (AWS_REGION, or the profile's region)."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "The region must be a region's code, such as \"us-west-2\", or null to take it from the environment."
  }
}

variable "tags" {
  description = "Tags for every resource, beside Project and Stack, which the stack sets itself."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "Stack"])) == 0
    error_message = "The tags Project and Stack are set by the stack itself, because it is found by them. Use other keys."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) >= 1 && length(key) <= 128 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters and must not start with \"aws:\", which AWS reserves."
  }

  validation {
    condition     = alltrue([for value in values(var.tags) : value != null && length(coalesce(value, "-")) <= 256])
    error_message = "A tag's value must be a text of at most 256 characters; it may be empty but not null."
  }
}

# The bucket

variable "bucket_name" {
  description = "Name of the submitter bucket; null makes it <name>-<account ID>-<region>."
  type        = string
  default     = null

  # S3 would accept dots too, but its own TLS certificate does not cover a name that has them, and
  # the bucket refuses anything but TLS.
  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "The bucket name must be 3 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit (no dots: they break TLS)."
  }

  validation {
    condition     = var.bucket_name == null || !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.bucket_name))
    error_message = "S3 reserves the prefixes \"xn--\", \"sthree-\" and \"amzn-s3-demo-\" and the suffixes \"-s3alias\", \"--ol-s3\", \"--x-s3\" and \"--table-s3\". Choose another bucket name."
  }
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete a bucket that still holds submissions, with every version of them."
  type        = bool
  default     = false
  nullable    = false
}

variable "noncurrent_version_retention_days" {
  description = "Days to keep a version of a submission after a resubmission or a deletion replaced it; the default covers a term and its appeals."
  type        = number
  default     = 180
  nullable    = false

  validation {
    condition     = var.noncurrent_version_retention_days >= 1 && floor(var.noncurrent_version_retention_days) == var.noncurrent_version_retention_days
    error_message = "The retention of noncurrent versions must be a whole number of days, 1 or more."
  }
}

variable "multipart_abort_days" {
  description = "Days after which the parts of an unfinished multipart upload, invisible but charged for, are removed."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.multipart_abort_days >= 1 && floor(var.multipart_abort_days) == var.multipart_abort_days
    error_message = "Unfinished multipart uploads must be aborted after a whole number of days, 1 or more."
  }
}

# The queue

variable "visibility_timeout_seconds" {
  description = "Seconds a received message stays hidden from other receivers; must be longer than the back end needs to process, or extend its claim on, all that it receives at once."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.visibility_timeout_seconds >= 0 && var.visibility_timeout_seconds <= 43200 && floor(var.visibility_timeout_seconds) == var.visibility_timeout_seconds
    error_message = "The visibility timeout must be a whole number of seconds from 0 to 43200 (12 hours)."
  }
}

variable "queue_retention_days" {
  description = "Days a message waits on the submitter queue before SQS drops it; less than the dead-letter queue's 14, because a message keeps its age when it moves there."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.queue_retention_days >= 1 && var.queue_retention_days < 14 && floor(var.queue_retention_days) == var.queue_retention_days
    error_message = "The submitter queue's retention must be a whole number of days from 1 to 13: the dead-letter queue keeps messages for 14, and it must keep them longer."
  }
}

variable "max_receive_count" {
  description = "How often a message may be received without being deleted before it moves to the dead-letter queue."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000 && floor(var.max_receive_count) == var.max_receive_count
    error_message = "The maximum receive count must be a whole number from 1 to 1000."
  }
}

# The intake function

variable "package_path" {
  description = "Path of the intake function's zip; null is the one that `make package` writes."
  type        = string
  default     = null
}

variable "architecture" {
  description = "Instruction set the intake function runs on: arm64 (cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be \"arm64\" or \"x86_64\"."
  }
}

variable "function_memory_mb" {
  description = "Memory of the intake function in MB; its share of a CPU grows with it. docs/performance.md says what each setting costs and how long a first run takes."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.function_memory_mb >= 128 && var.function_memory_mb <= 10240 && floor(var.function_memory_mb) == var.function_memory_mb
    error_message = "The function's memory must be a whole number of MB from 128 to 10240."
  }
}

variable "function_timeout_seconds" {
  description = "Seconds after which Lambda stops one run of the intake function, and retries it."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.function_timeout_seconds >= 1 && var.function_timeout_seconds <= 900 && floor(var.function_timeout_seconds) == var.function_timeout_seconds
    error_message = "The function's timeout must be a whole number of seconds from 1 to 900 (15 minutes)."
  }
}

variable "reserved_concurrency" {
  description = "How many runs of the intake function may go on at once, set aside from the account's limit; docs/performance.md says how many a deadline needs. null leaves it to the account's shared limit. With 0 it never runs, and every event ends in the intake-failures queue."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "The reserved concurrency must be a whole number, 0 or more (0 stops the function), or null for none."
  }
}

variable "tracing_mode" {
  description = "X-Ray tracing of the intake function: Active samples its runs, PassThrough follows what the caller decided."
  type        = string
  default     = "PassThrough"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing_mode)
    error_message = "The tracing mode must be \"Active\" or \"PassThrough\"."
  }
}

variable "log_retention_days" {
  description = "Days to keep the intake function's logs, which tell what became of an upload; the default covers a term and its appeals."
  type        = number
  default     = 180
  nullable    = false

  # CloudWatch takes these values only. It also takes 0, for ever, which is no retention at all.
  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
    ], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days. Choose one of these."
  }
}

variable "retry_attempts" {
  description = "How often Lambda runs the intake function again for an event it failed on, before the event goes to the intake-failures queue."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.retry_attempts)
    error_message = "Lambda retries a failed event 0, 1 or 2 times. Choose one of these."
  }
}

variable "event_max_age_seconds" {
  description = "Seconds an event may wait for the intake function, throttling and retries included, before it goes to the intake-failures queue."
  type        = number
  default     = 21600
  nullable    = false

  validation {
    condition     = var.event_max_age_seconds >= 60 && var.event_max_age_seconds <= 21600 && floor(var.event_max_age_seconds) == var.event_max_age_seconds
    error_message = "The maximum age of an event must be a whole number of seconds from 60 to 21600 (6 hours)."
  }
}

# The alarms

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that every alarm notifies when it starts and when it is over; in the stack's region, and with a policy that lets cloudwatch.amazonaws.com publish. null notifies nobody: the alarms are seen on the dashboard only."
  type        = string
  default     = null

  # No .fifo: CloudWatch notifies standard topics.
  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alarm_topic_arn))
    error_message = "The alarm topic must be the ARN of a standard SNS topic, such as \"arn:aws:sns:us-west-2:123456789012:course-staff\" (not of a subscription), or null for none."
  }

  validation {
    condition     = var.alarm_topic_arn == null || var.region == null || try(split(":", var.alarm_topic_arn)[3] == var.region, true)
    error_message = "An alarm can only notify a topic in its own region, which is the stack's. Choose a topic there."
  }
}

variable "bucket_growth_alarm_mb" {
  description = "Megabytes uploaded under submissions/ within an hour, above which an alarm says that somebody fills the bucket."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.bucket_growth_alarm_mb >= 1 && var.bucket_growth_alarm_mb <= 1000000 && floor(var.bucket_growth_alarm_mb) == var.bucket_growth_alarm_mb
    error_message = "The alarm of the bucket's growth must be a whole number of megabytes from 1 to 1000000."
  }
}

variable "oldest_message_age_alarm_seconds" {
  description = "Seconds a message may wait on the submitter queue, or be worked on, until an alarm says that the back end is behind."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.oldest_message_age_alarm_seconds >= 60 && floor(var.oldest_message_age_alarm_seconds) == var.oldest_message_age_alarm_seconds
    error_message = "The alarm's age of the oldest message must be a whole number of seconds, 60 or more: SQS tells it once a minute."
  }

  validation {
    condition     = var.oldest_message_age_alarm_seconds < var.queue_retention_days * 24 * 60 * 60
    error_message = "The alarm's age of the oldest message must be less than the queue's retention of ${var.queue_retention_days} days, or messages are gone before anybody is told."
  }
}

# Access

locals {
  # A path may hold any visible character, but *, ? and $ have a meaning in policies.
  principal_arn_form  = "^arn:aws[a-z-]*:iam::${data.aws_caller_identity.current.account_id}:(role|user)/([!-#%-)+->@-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$"
  principal_arn_error = "Each must be the ARN of a role or a user of the stack's own account (${data.aws_caller_identity.current.account_id}), such as \"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/course/front-end\" (not of a session, and without *, ? and $). For another account, make a role here that it may assume."

  principal_arn_pattern_form  = "^arn:aws[a-z-]*:iam::${data.aws_caller_identity.current.account_id}:(role|user)/[!-#%->@-~]*[A-Za-z0-9][!-#%->@-~]*$"
  principal_arn_pattern_error = "Each must be the ARN of a role or a user of the stack's own account (${data.aws_caller_identity.current.account_id}), in which * stands for any text but not for the whole name, such as \"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Operators_*\"."
}

variable "uploader_arns" {
  description = "ARNs of roles and users that may put submissions, as a front end does: the uploader policy is attached to them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.uploader_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "back_end_arns" {
  description = "ARNs of roles and users that may take messages, read submissions and write results: the back-end policy is attached to them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.back_end_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "operator_arns" {
  description = "ARNs of roles and users that may look at the stack with submitter: the operator policy is attached to them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.operator_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "repairing_operator_arns" {
  description = "ARNs of roles and users that may repair the stack with submitter: the repairing operator's policy is attached to them, and the bucket lets them delete what submitter's round trips left."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.repairing_operator_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "further_repairing_operator_arns" {
  description = "ARNs of roles and users that get the repairing operator's policy in another way, such as by IAM Identity Center: nothing is attached, but the bucket lets them delete what submitter's round trips left."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.further_repairing_operator_arns : can(regex(local.principal_arn_pattern_form, arn))])
    error_message = local.principal_arn_pattern_error
  }
}

variable "version_deleter_arns" {
  description = "ARNs of roles and users that the bucket lets delete versions for good, beside repairing operators, if their own policies do; all others are denied it."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.version_deleter_arns : can(regex(local.principal_arn_pattern_form, arn))])
    error_message = local.principal_arn_pattern_error
  }
}

variable "permissions_boundary_name" {
  description = "Name, with its path, of the account's policy that the function's role never goes beyond, such as the one of terraform/bootstrap; null sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_name == null || can(regex("^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$", var.permissions_boundary_name))
    error_message = "The permissions boundary must be a managed policy's path and name, such as \"bootstrap/submitter-prod-boundary-us-west-2\" (no ARN, and no slash at the beginning), or null for none."
  }
}

variable "customer_managed_key" {
  description = "Whether a KMS key of the stack's own encrypts the bucket, the queues and the function's log, instead of keys that S3, SQS and CloudWatch have themselves. Setting it back to false schedules the key for deletion, and 30 days later all that it encrypted is lost: first copy the objects onto themselves, and let the queues run empty."
  type        = bool
  default     = false
  nullable    = false
}
