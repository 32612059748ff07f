module "submitter_bucket" {
  source = "./modules/submitter_bucket"

  name                              = local.bucket_name
  force_destroy                     = var.force_destroy
  noncurrent_version_retention_days = var.noncurrent_version_retention_days
  multipart_abort_days              = var.multipart_abort_days
  account_id                        = local.account_id
  version_deleter_arns              = concat(local.repairing_operator_arns, var.version_deleter_arns)
  customer_managed_key              = var.customer_managed_key
  kms_key_arn                       = local.kms_key_arn
}

module "submitter_queue" {
  source = "./modules/submitter_queue"

  name                       = "${local.name}-submissions"
  visibility_timeout_seconds = var.visibility_timeout_seconds
  retention_days             = var.queue_retention_days
  max_receive_count          = var.max_receive_count
  sender_arns                = [module.intake_function.role_arn]
  kms_key_arn                = local.kms_key_arn
}

module "intake_function" {
  source = "./modules/intake_function"

  name                     = local.function_name
  stack_name               = var.name
  bucket_name              = local.bucket_name
  package_path             = local.package_path
  architecture             = var.architecture
  memory_mb                = var.function_memory_mb
  timeout_seconds          = var.function_timeout_seconds
  reserved_concurrency     = var.reserved_concurrency
  tracing_mode             = var.tracing_mode
  log_retention_days       = var.log_retention_days
  retry_attempts           = var.retry_attempts
  event_max_age_seconds    = var.event_max_age_seconds
  submitter_queue_arn      = module.submitter_queue.arn
  submitter_queue_url      = module.submitter_queue.url
  permissions_boundary_arn = local.permissions_boundary_arn
  customer_managed_key     = var.customer_managed_key
  kms_key_arn              = local.kms_key_arn
}

module "intake_notification" {
  source = "./modules/intake_notification"

  account_id    = local.account_id
  bucket_arn    = module.submitter_bucket.arn
  bucket_name   = module.submitter_bucket.name
  function_arn  = module.intake_function.arn
  function_name = module.intake_function.name
}

module "observability" {
  source = "./modules/observability"

  name                             = local.name
  region                           = local.region
  bucket_name                      = module.submitter_bucket.name
  function_name                    = module.intake_function.name
  queue_name                       = module.submitter_queue.name
  dead_letter_queue_name           = module.submitter_queue.dead_letter_queue_name
  intake_failures_queue_name       = module.intake_function.failures_queue_name
  alarm_topic_arn                  = var.alarm_topic_arn
  bucket_growth_alarm_mb           = var.bucket_growth_alarm_mb
  oldest_message_age_alarm_seconds = var.oldest_message_age_alarm_seconds
}

module "stack_parameter" {
  source = "./modules/stack_parameter"

  name = var.name
  stack = {
    bucket_name               = module.intake_notification.bucket_name
    queue_url                 = module.submitter_queue.url
    queue_arn                 = module.submitter_queue.arn
    dead_letter_queue_url     = module.submitter_queue.dead_letter_queue_url
    dead_letter_queue_arn     = module.submitter_queue.dead_letter_queue_arn
    intake_failures_queue_url = module.intake_function.failures_queue_url
    intake_failures_queue_arn = module.intake_function.failures_queue_arn
    function_name             = module.intake_function.name
    function_log_group_name   = module.intake_function.log_group_name
    region                    = local.region
  }
}

module "access_policies" {
  source = "./modules/access_policies"

  name                      = var.name
  partition                 = local.partition
  account_id                = local.account_id
  region                    = local.region
  bucket_arn                = module.submitter_bucket.arn
  queue_arn                 = module.submitter_queue.arn
  dead_letter_queue_arn     = module.submitter_queue.dead_letter_queue_arn
  intake_failures_queue_arn = module.intake_function.failures_queue_arn
  function_arn              = module.intake_function.arn
  log_group_arn             = module.intake_function.log_group_arn
  stack_parameter_name      = module.stack_parameter.name
  customer_managed_key      = var.customer_managed_key
  kms_key_arn               = local.kms_key_arn

  principal_arns = {
    uploader           = var.uploader_arns
    back_end           = var.back_end_arns
    operator           = var.operator_arns
    repairing_operator = var.repairing_operator_arns
  }
}

module "encryption_key" {
  source = "./modules/encryption_key"
  count  = var.customer_managed_key ? 1 : 0

  name       = var.name
  partition  = local.partition
  account_id = local.account_id
  region     = local.region
  bucket_arn = module.submitter_bucket.arn

  # By name, because both need the key before they can be made.
  function_arn  = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.function_name}"
  log_group_arn = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${local.function_name}"
}
