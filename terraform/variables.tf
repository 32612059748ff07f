# The stack

variable "name" {
  description = "Name of the stack; every resource's name starts with it. Two stacks in one account need two names, even in different regions, because dashboard names are unique in an account."
  type        = string
  default     = "submitter"
  nullable    = false

  # 32 characters keep the bucket's name (stack, account ID, region) within S3's 63.
  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 32
    error_message = "The stack name must be at most 32 lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as \"submitter-test\"."
  }

  validation {
    condition     = !startswith(var.name, "sthree-") && !startswith(var.name, "amzn-s3-demo-")
    error_message = "The bucket's name starts with the stack name, and S3 reserves the prefixes \"sthree-\" and \"amzn-s3-demo-\". Choose another name."
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
  description = "Tags for every resource, in addition to Project and Stack."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "Stack"])) == 0
    error_message = "The stack sets the tags Project and Stack itself. Use other keys."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) >= 1 && length(key) <= 128 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters, and must not start with \"aws:\", which AWS reserves."
  }

  validation {
    condition     = alltrue([for value in values(var.tags) : value != null && length(coalesce(value, "-")) <= 256])
    error_message = "A tag's value must have at most 256 characters; it may be empty, but not null."
  }
}

# The bucket

variable "bucket_name" {
  description = "Name of the submitter bucket; null means <name>-<account ID>-<region>."
  type        = string
  default     = null

  # No dots: S3's TLS certificate does not cover names with dots, and the bucket refuses requests
  # without TLS.
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
  description = "Whether `terraform destroy` may delete a bucket that holds submissions, with all their versions."
  type        = bool
  default     = false
  nullable    = false
}

variable "noncurrent_version_retention_days" {
  description = "Days to keep a version of a submission after a resubmission or a deletion; the default covers a term and its appeals."
  type        = number
  default     = 180
  nullable    = false

  validation {
    condition     = var.noncurrent_version_retention_days >= 1 && floor(var.noncurrent_version_retention_days) == var.noncurrent_version_retention_days
    error_message = "The retention of noncurrent versions must be a whole number of days, 1 or more."
  }
}

variable "multipart_abort_days" {
  description = "Days after which S3 removes the parts of an unfinished multipart upload, which nobody sees but AWS bills."
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
  description = "Seconds a received message stays hidden from other receivers. Must be longer than the back end needs for all messages that it receives at once, unless it extends the time. null means 300, or with grading six times the grader's timeout."
  type        = number
  default     = null

  validation {
    condition     = var.visibility_timeout_seconds == null ? true : var.visibility_timeout_seconds >= 1 && var.visibility_timeout_seconds <= 43200 && floor(var.visibility_timeout_seconds) == var.visibility_timeout_seconds
    error_message = "The visibility timeout must be a whole number of seconds from 1 to 43200 (12 hours). With 0, several receivers get a message at once, and it soon becomes a dead letter."
  }
}

variable "queue_retention_days" {
  description = "Days a message waits on the submitter queue before SQS drops it. Less than the dead-letter queue's 14, because a message keeps its age when it moves there."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.queue_retention_days >= 1 && var.queue_retention_days < 14 && floor(var.queue_retention_days) == var.queue_retention_days
    error_message = "The submitter queue's retention must be a whole number of days from 1 to 13: the dead-letter queue keeps messages for 14, and it must keep them longer."
  }
}

variable "max_receive_count" {
  description = "How many times the back end can receive a message without deleting it; then the message moves to the dead-letter queue."
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
  description = "Path of the intake function's zip; null means the zip that `make package` writes."
  type        = string
  default     = null
}

variable "architecture" {
  description = "Instruction set of the intake function: arm64 (cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be \"arm64\" or \"x86_64\"."
  }
}

variable "function_memory_mb" {
  description = "Memory of the intake function in MB; its share of a CPU grows with it. docs/performance.md has the cost of each setting and the duration of a first run."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.function_memory_mb >= 128 && var.function_memory_mb <= 10240 && floor(var.function_memory_mb) == var.function_memory_mb
    error_message = "The function's memory must be a whole number of MB from 128 to 10240."
  }
}

variable "function_timeout_seconds" {
  description = "Seconds after which Lambda stops a run of the intake function and retries its event."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.function_timeout_seconds >= 1 && var.function_timeout_seconds <= 900 && floor(var.function_timeout_seconds) == var.function_timeout_seconds
    error_message = "The function's timeout must be a whole number of seconds from 1 to 900 (15 minutes)."
  }
}

variable "reserved_concurrency" {
  description = "How many runs of the intake function can run at once, reserved from the account's limit; docs/performance.md says how many a deadline needs. null uses the account's shared limit. With 0 it never runs, and every event ends in the intake-failures queue."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "The reserved concurrency must be a whole number, 0 or more (0 stops the function), or null for no reservation."
  }
}

variable "tracing_mode" {
  description = "X-Ray tracing of the intake function: Active samples its runs, PassThrough follows the caller's decision."
  type        = string
  default     = "PassThrough"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing_mode)
    error_message = "The tracing mode must be \"Active\" or \"PassThrough\"."
  }
}

variable "log_retention_days" {
  description = "Days to keep the intake function's log, which `submitter why` reads; the default covers a term and its appeals."
  type        = number
  default     = 180
  nullable    = false

  # CloudWatch accepts these values, and 0, which keeps logs for ever.
  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
    ], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days. Choose one of these."
  }
}

variable "retry_attempts" {
  description = "How many times Lambda retries an event that the intake function failed on, before it sends the event to the intake-failures queue."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.retry_attempts)
    error_message = "Lambda retries a failed event 0, 1 or 2 times. Choose one of these."
  }
}

variable "event_max_age_seconds" {
  description = "Seconds an event can wait for the intake function, including throttling and retries, before Lambda sends it to the intake-failures queue."
  type        = number
  default     = 21600
  nullable    = false

  validation {
    condition     = var.event_max_age_seconds >= 60 && var.event_max_age_seconds <= 21600 && floor(var.event_max_age_seconds) == var.event_max_age_seconds
    error_message = "The maximum age of an event must be a whole number of seconds from 60 to 21600 (6 hours)."
  }
}

# The grader

variable "grading" {
  description = "Settings of the grader; {} has defaults that suit a course of 500 (docs/operating.md, Grading). null leaves the queue to a back end of your own."
  type = object({
    memory_mb                 = optional(number, 1769) # a whole processor; a program's memory comes out of it
    timeout_seconds           = optional(number, 120)  # for all cases of a problem
    maximum_concurrency       = optional(number, 20)   # submissions graded at once
    package_path              = optional(string)       # null means the zip that `make package` writes
    permissions_boundary_name = optional(string)       # as the intake's, but its own
  })
  default = null

  # The interpreter, the sandbox and a program of the default limit together take most of 512 MB.
  validation {
    condition     = try(var.grading.memory_mb >= 512 && var.grading.memory_mb <= 10240 && floor(var.grading.memory_mb) == var.grading.memory_mb, var.grading == null)
    error_message = "The grader's memory must be a whole number of MB from 512 to 10240."
  }

  # It keeps ten seconds to write results, and a message must not be hidden for more than 12 hours.
  validation {
    condition     = try(var.grading.timeout_seconds >= 30 && var.grading.timeout_seconds <= 900 && floor(var.grading.timeout_seconds) == var.grading.timeout_seconds, var.grading == null)
    error_message = "The grader's timeout must be a whole number of seconds from 30 to 900 (15 minutes)."
  }

  validation {
    condition     = try(var.grading.maximum_concurrency >= 2 && var.grading.maximum_concurrency <= 1000 && floor(var.grading.maximum_concurrency) == var.grading.maximum_concurrency, var.grading == null)
    error_message = "The grader's maximum concurrency must be a whole number from 2 to 1000."
  }

  validation {
    condition     = try(var.grading.permissions_boundary_name == null || can(regex("^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$", var.grading.permissions_boundary_name)), var.grading == null)
    error_message = "The grader's permissions boundary must be a managed policy's path and name, such as \"bootstrap/submitter-prod-grader-boundary-us-west-2\" (no ARN, no slash at the beginning), or null for none."
  }

  validation {
    condition     = try(var.visibility_timeout_seconds >= 6 * var.grading.timeout_seconds, true)
    error_message = "With grading, visibility_timeout_seconds must be at least ${try(6 * var.grading.timeout_seconds, 0)}, six times the grader's timeout: a message that comes back while Lambda still tries it is graded twice, and soon becomes a dead letter. Leave it out to get that."
  }

  validation {
    condition     = var.grading == null || var.max_receive_count >= 5
    error_message = "With grading, max_receive_count must be 5 or more: a message also counts as received when Lambda may not run the grader at once."
  }

  validation {
    condition     = try(var.grading.permissions_boundary_name != null, true) || var.permissions_boundary_name == null
    error_message = "The intake function has a permissions boundary, and the grader has none. Set grading.permissions_boundary_name, such as \"bootstrap/submitter-prod-grader-boundary-us-west-2\"."
  }
}

# The alarms

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that every alarm notifies when it starts and when it ends. The topic must be in the stack's region, and its policy must let cloudwatch.amazonaws.com publish. null notifies nobody: only the dashboard shows the alarms."
  type        = string
  default     = null

  # No .fifo: CloudWatch notifies standard topics only.
  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alarm_topic_arn))
    error_message = "The alarm topic must be the ARN of a standard SNS topic, such as \"arn:aws:sns:us-west-2:123456789012:course-staff\" (not of a subscription), or null for none."
  }

  validation {
    condition     = var.alarm_topic_arn == null || try(split(":", var.alarm_topic_arn)[3] == data.aws_region.current.id, true)
    error_message = "An alarm can only notify a topic in its own region. Choose a topic in the stack's region."
  }
}

variable "bucket_growth_alarm_mb" {
  description = "The alarm bucket-growth fires above this many megabytes uploaded under submissions/ within an hour."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.bucket_growth_alarm_mb >= 1 && var.bucket_growth_alarm_mb <= 1000000 && floor(var.bucket_growth_alarm_mb) == var.bucket_growth_alarm_mb
    error_message = "The threshold of the alarm bucket-growth must be a whole number of megabytes from 1 to 1000000."
  }
}

variable "oldest_message_age_alarm_seconds" {
  description = "The alarm oldest-message-age fires when a message has been on the submitter queue, waiting or being worked on, for more than this many seconds."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.oldest_message_age_alarm_seconds >= 60 && floor(var.oldest_message_age_alarm_seconds) == var.oldest_message_age_alarm_seconds
    error_message = "The threshold of the alarm oldest-message-age must be a whole number of seconds, 60 or more: SQS measures the age once a minute."
  }

  validation {
    condition     = var.oldest_message_age_alarm_seconds < var.queue_retention_days * 24 * 60 * 60
    error_message = "The threshold of the alarm oldest-message-age must be less than the queue's retention of ${var.queue_retention_days} days; otherwise SQS drops messages before the alarm fires."
  }
}

# Access

locals {
  # A path can have any visible character, but *, ? and $ have a meaning in policies.
  principal_arn_form  = "^arn:aws[a-z-]*:iam::${data.aws_caller_identity.current.account_id}:(role|user)/([!-#%-)+->@-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$"
  principal_arn_error = "Each must be the ARN of a role or a user of the stack's own account (${data.aws_caller_identity.current.account_id}), such as \"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/course/front-end\" (not of a session, and without *, ? and $). For another account, create a role here that it can assume."

  principal_arn_pattern_form  = "^arn:aws[a-z-]*:iam::${data.aws_caller_identity.current.account_id}:(role|user)/[!-#%->@-~]*[A-Za-z0-9][!-#%->@-~]*$"
  principal_arn_pattern_error = "Each must be the ARN of a role or a user of the stack's own account (${data.aws_caller_identity.current.account_id}), in which * stands for any text but not for the whole name, such as \"arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Operators_*\"."
}

variable "uploader_arns" {
  description = "ARNs of roles and users that get the uploader policy: they put submissions, as a front end does."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.uploader_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "results_reader_arns" {
  description = "ARNs of roles and users that get the results reader's policy: they read students' results, as a front end that shows them does, and not the staff's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.results_reader_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "back_end_arns" {
  description = "ARNs of roles and users that get the back-end policy: they receive messages, read submissions and write results."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.back_end_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "author_arns" {
  description = "ARNs of roles and users that get the author's policy: they publish problems with submitter, and have submissions graded again."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.author_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "gradebook_reader_arns" {
  description = "ARNs of roles and users that get the gradebook reader's policy: they export grades with submitter, and read submissions' .json files, problems and results, but no code."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.gradebook_reader_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "operator_arns" {
  description = "ARNs of roles and users that get the operator policy: they look at the stack with submitter."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.operator_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "repairing_operator_arns" {
  description = "ARNs of roles and users that get the repairing operator's policy: they repair the stack with submitter. The bucket lets them delete the versions that submitter's round trips leave."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.repairing_operator_arns : can(regex(local.principal_arn_form, arn))])
    error_message = local.principal_arn_error
  }
}

variable "further_repairing_operator_arns" {
  description = "ARNs of roles and users that get the repairing operator's policy in another way, such as from IAM Identity Center. Terraform attaches nothing to them; the bucket lets them delete the versions that submitter's round trips leave."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.further_repairing_operator_arns : can(regex(local.principal_arn_pattern_form, arn))])
    error_message = local.principal_arn_pattern_error
  }
}

variable "version_deleter_arns" {
  description = "ARNs of roles and users that can delete versions permanently, if their own policies allow it. The bucket denies it to all others except repairing operators."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.version_deleter_arns : can(regex(local.principal_arn_pattern_form, arn))])
    error_message = local.principal_arn_pattern_error
  }
}

variable "permissions_boundary_name" {
  description = "Path and name of the account's policy that is the permissions boundary of the function's role, such as that of terraform/bootstrap; null means no boundary."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_name == null || can(regex("^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$", var.permissions_boundary_name))
    error_message = "The permissions boundary must be a managed policy's path and name, such as \"bootstrap/submitter-prod-boundary-us-west-2\" (no ARN, no slash at the beginning), or null for none."
  }
}

variable "customer_managed_key" {
  description = "Whether the stack's own KMS key encrypts the bucket, the queues and the function's log, instead of keys of S3, SQS and CloudWatch. Setting it back to false schedules the key for deletion, and 30 days later all that it encrypted is lost: first copy the objects onto themselves, and let the queues run empty."
  type        = bool
  default     = false
  nullable    = false
}
