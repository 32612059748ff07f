# The root module's settings: each at the last value that it accepts, each optional feature off and on.

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  package_path = "./main.tf" # any file: nothing reads it
}

run "by_default_everything_is_named_after_the_stack" {
  command = plan

  assert {
    condition     = local.bucket_name == "submitter-123456789012-us-west-2"
    error_message = "The bucket is named after the stack, the account and the region."
  }

  assert {
    condition     = output.function_name == "submitter-intake" && output.function_log_group_name == "/aws/lambda/submitter-intake"
    error_message = "The function and its log are named after the stack."
  }

  assert {
    condition     = local.context == { stack = "submitter", account_id = "123456789012", region = "us-west-2", partition = "aws" } && local.key == null
    error_message = "Modules get the stack, its account, region and partition, and no key."
  }

  assert {
    condition     = output.dashboard_name == "submitter" && output.stack_parameter_name == "/submitter/submitter/stack"
    error_message = "The dashboard and the parameter are named after the stack."
  }

  assert {
    condition     = local.tags == { Project = "submitter", Stack = "submitter" }
    error_message = "Resources have the stack's tags."
  }

  assert {
    condition     = output.kms_key_arn == null && length(module.encryption_key) == 0
    error_message = "Without customer_managed_key there is no key."
  }

  assert {
    condition     = local.permissions_boundary_arn == null
    error_message = "Without permissions_boundary_name there is no boundary."
  }

  assert {
    condition     = length(module.grader_function) + length(module.grader_mapping) == 0 && local.visibility_timeout_seconds == 300
    error_message = "Without grading, the queue is left to another back end."
  }
}

run "with_grading_there_is_a_grader" {
  command = plan

  variables {
    grading = { package_path = "./main.tf" }
  }

  assert {
    condition     = output.grader_function_name == "submitter-grader" && output.grader_log_group_name == "/aws/lambda/submitter-grader"
    error_message = "The grader and its log are named after the stack."
  }

  assert {
    condition     = local.visibility_timeout_seconds == 720 && local.grader_boundary_arn == null
    error_message = "A message stays hidden for six times the grader's timeout."
  }
}

run "takes_the_least_of_everything" {
  command = plan

  variables {
    name                              = "a"
    region                            = "us-west-2"
    bucket_name                       = "abc"
    noncurrent_version_retention_days = 1
    multipart_abort_days              = 1
    visibility_timeout_seconds        = 1
    queue_retention_days              = 1
    max_receive_count                 = 1
    architecture                      = "x86_64"
    function_memory_mb                = 128
    function_timeout_seconds          = 1
    reserved_concurrency              = 0
    tracing_mode                      = "Active"
    log_retention_days                = 1
    retry_attempts                    = 0
    event_max_age_seconds             = 60
    oldest_message_age_alarm_seconds  = 60
    bucket_growth_alarm_mb            = 1
  }

  assert {
    condition     = local.bucket_name == "abc" && local.function_name == "a-intake"
    error_message = "bucket_name sets the bucket's name, and no other."
  }
}

run "takes_the_least_of_grading" {
  command = plan

  variables {
    grading                    = { memory_mb = 512, timeout_seconds = 30, maximum_concurrency = 2, package_path = "./main.tf" }
    visibility_timeout_seconds = 180
    max_receive_count          = 5
  }

  assert {
    condition     = local.visibility_timeout_seconds == 180
    error_message = "The visibility timeout can be exactly six times the grader's timeout."
  }
}

run "takes_the_most_of_everything" {
  command = plan

  variables {
    name                       = "a23456789-123456789-123456789-12"
    region                     = "us-gov-west-1"
    bucket_name                = "a23456789-123456789-123456789-123456789-123456789-123456789-123"
    visibility_timeout_seconds = 43200
    queue_retention_days       = 13
    max_receive_count          = 1000
    function_memory_mb         = 10240
    function_timeout_seconds   = 900
    reserved_concurrency       = 1000
    log_retention_days         = 3653
    retry_attempts             = 2
    event_max_age_seconds      = 21600
    alarm_topic_arn            = "arn:aws:sns:us-west-2:123456789012:course-staff"
    # A second less than the 13 days a message waits.
    oldest_message_age_alarm_seconds = 1123199
    bucket_growth_alarm_mb           = 1000000
    permissions_boundary_name        = "bootstrap/boundary"
    grading = {
      memory_mb                 = 10240
      timeout_seconds           = 900
      maximum_concurrency       = 1000
      package_path              = "./main.tf"
      permissions_boundary_name = "bootstrap/grader-boundary"
    }
    tags = { Course = "COMP 594", Empty = "" }
  }

  assert {
    condition     = local.permissions_boundary_arn == "arn:aws:iam::123456789012:policy/bootstrap/boundary"
    error_message = "The boundary is the account's policy of that name."
  }

  assert {
    condition     = local.grader_boundary_arn == "arn:aws:iam::123456789012:policy/bootstrap/grader-boundary"
    error_message = "The grader has its own boundary."
  }

  assert {
    condition     = local.tags == { Course = "COMP 594", Empty = "", Project = "submitter", Stack = var.name }
    error_message = "Further tags are added to the stack's."
  }
}

run "another_partition_is_as_good" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  override_data {
    target = data.aws_region.current
    values = { id = "cn-north-1" }
  }

  variables {
    customer_managed_key      = true
    permissions_boundary_name = "boundary"
  }

  assert {
    condition     = local.permissions_boundary_arn == "arn:aws-cn:iam::123456789012:policy/boundary"
    error_message = "ARNs begin with the account's partition."
  }

  assert {
    condition     = local.bucket_name == "submitter-123456789012-cn-north-1"
    error_message = "The bucket is named after the region."
  }
}
