module "submitter_bucket" {
  source = "./modules/submitter_bucket"

  context                           = local.context
  name                              = local.bucket_name
  force_destroy                     = var.force_destroy
  noncurrent_version_retention_days = var.noncurrent_version_retention_days
  multipart_abort_days              = var.multipart_abort_days
  version_deleter_arns              = concat(local.repairing_operator_arns, var.version_deleter_arns)
  key                               = local.key
}

module "submitter_queue" {
  source = "./modules/queue"

  name                       = "${local.name}-submissions"
  visibility_timeout_seconds = local.visibility_timeout_seconds
  retention_days             = var.queue_retention_days
  dead_letter                = { max_receive_count = var.max_receive_count }
  sender_arns                = [module.intake_function.role_arn]
  key                        = local.key
}

# It needs no right to read the bucket: the event has the object's key.
module "intake_function" {
  source = "./modules/function"

  context                  = local.context
  name                     = local.function_name
  description              = "Announces uploaded submissions on the submitter queue."
  role_description         = "Lets the function ${local.function_name} write its logs and send to its queues."
  package_path             = local.package_path
  handler                  = "submission_intake.handler.lambda_handler"
  sends_to                 = [module.submitter_queue.arn, module.intake_failures.arn]
  permissions_boundary_arn = local.permissions_boundary_arn
  key                      = local.key

  environment = {
    SUBMITTER_BUCKET    = local.bucket_name
    SUBMITTER_QUEUE_URL = module.submitter_queue.url
    SUBMITTER_STACK     = var.name
  }

  settings = {
    architecture         = var.architecture
    memory_mb            = var.function_memory_mb
    timeout_seconds      = var.function_timeout_seconds
    reserved_concurrency = var.reserved_concurrency
    tracing_mode         = var.tracing_mode
    log_retention_days   = var.log_retention_days
  }

  asynchronous = {
    retry_attempts        = var.retry_attempts
    event_max_age_seconds = var.event_max_age_seconds
    failures_queue_arn    = module.intake_failures.arn
  }
}

module "intake_failures" {
  source = "./modules/queue"

  name = "${local.name}-intake-failures"
  # Time for `submitter redrive` to have an event handled again before it deletes the message.
  visibility_timeout_seconds = 300
  retention_days             = 14
  # Lambda sends with the function's role. No other sender, because redrive has these events announced.
  sender_arns = [module.intake_function.role_arn]
  key         = local.key
}

module "intake_notification" {
  source = "./modules/intake_notification"

  context       = local.context
  bucket_arn    = module.submitter_bucket.arn
  bucket_name   = module.submitter_bucket.name
  function_arn  = module.intake_function.arn
  function_name = module.intake_function.name
}

module "grader_function" {
  source = "./modules/function"
  count  = var.grading == null ? 0 : 1

  context                  = merge(local.context, { stack = local.name })
  name                     = local.grader_name
  description              = "Grades announced submissions in a sandbox, and writes their results."
  role_description         = "Lets the function ${local.grader_name} write its logs, take messages, read submissions and write results."
  package_path             = coalesce(var.grading.package_path, "${path.root}/../build/submission_grader.zip")
  handler                  = "submission_grader.handler.lambda_handler"
  sends_to                 = []
  permissions_boundary_arn = local.grader_boundary_arn
  key                      = local.key

  environment = {
    SUBMITTER_BUCKET  = local.bucket_name
    SUBMITTER_SANDBOX = "image" # a folder in the zip
    SUBMITTER_STACK   = var.name
  }

  settings = {
    # The sandbox's code is compiled for it. For arm64, its compiler is not as well tested.
    architecture         = "x86_64"
    memory_mb            = var.grading.memory_mb
    timeout_seconds      = var.grading.timeout_seconds
    reserved_concurrency = null # maximum_concurrency limits it without taking from other functions
    tracing_mode         = var.tracing_mode
    log_retention_days   = var.log_retention_days
  }
}

module "grader_mapping" {
  source = "./modules/grader_mapping"
  count  = var.grading == null ? 0 : 1

  context             = local.context
  function            = { name = module.grader_function[0].name, role_name = module.grader_function[0].role_name }
  queue_arn           = module.submitter_queue.arn
  bucket_arn          = module.submitter_bucket.arn
  maximum_concurrency = var.grading.maximum_concurrency
  key                 = local.key
}

module "observability" {
  source = "./modules/observability"

  context                          = merge(local.context, { stack = local.name })
  bucket_name                      = module.submitter_bucket.name
  function_name                    = module.intake_function.name
  grader_name                      = one(module.grader_function[*].name)
  alarm_topic_arn                  = var.alarm_topic_arn
  bucket_growth_alarm_mb           = var.bucket_growth_alarm_mb
  oldest_message_age_alarm_seconds = var.oldest_message_age_alarm_seconds

  queue_names = {
    submissions     = module.submitter_queue.name
    dead_letter     = module.submitter_queue.dead_letter.name
    intake_failures = module.intake_failures.name
  }
}

module "stack_parameter" {
  source = "./modules/stack_parameter"

  name = var.name
  stack = merge({
    bucket_name               = module.intake_notification.bucket_name
    queue_url                 = module.submitter_queue.url
    queue_arn                 = module.submitter_queue.arn
    dead_letter_queue_url     = module.submitter_queue.dead_letter.url
    dead_letter_queue_arn     = module.submitter_queue.dead_letter.arn
    intake_failures_queue_url = module.intake_failures.url
    intake_failures_queue_arn = module.intake_failures.arn
    function_name             = module.intake_function.name
    function_log_group_name   = module.intake_function.log_group_name
    region                    = local.context.region
    }, var.grading == null ? {} : {
    grader_function_name  = module.grader_function[0].name
    grader_log_group_name = module.grader_function[0].log_group_name
    grader_mapping_uuid   = module.grader_mapping[0].uuid
  })
}

module "access_policies" {
  source = "./modules/access_policies"

  context              = local.context
  bucket_arn           = module.submitter_bucket.arn
  function_arn         = module.intake_function.arn
  log_group_arn        = module.intake_function.log_group_arn
  stack_parameter_name = module.stack_parameter.name
  key                  = local.key

  queue_arns = {
    submissions     = module.submitter_queue.arn
    dead_letter     = module.submitter_queue.dead_letter.arn
    intake_failures = module.intake_failures.arn
  }

  grader = var.grading == null ? null : {
    function_arn  = module.grader_function[0].arn
    log_group_arn = module.grader_function[0].log_group_arn
    mapping_arn   = module.grader_mapping[0].arn
  }

  principal_arns = {
    uploader           = var.uploader_arns
    back_end           = var.back_end_arns
    results_reader     = var.results_reader_arns
    author             = var.author_arns
    gradebook_reader   = var.gradebook_reader_arns
    operator           = var.operator_arns
    repairing_operator = var.repairing_operator_arns
  }
}

module "encryption_key" {
  source = "./modules/encryption_key"
  count  = var.customer_managed_key ? 1 : 0

  context    = local.context
  bucket_arn = module.submitter_bucket.arn

  # ARNs by name, because function and log groups need the key first.
  function_arn = "arn:${local.context.partition}:lambda:${local.context.region}:${local.context.account_id}:function:${local.function_name}"
  log_group_arns = [
    for function in compact([local.function_name, var.grading == null ? "" : local.grader_name]) :
    "arn:${local.context.partition}:logs:${local.context.region}:${local.context.account_id}:log-group:/aws/lambda/${function}"
  ]
}
