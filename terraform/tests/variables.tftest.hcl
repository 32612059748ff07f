# Every validation of every variable refuses a value just beyond its edge. settings.tftest.hcl tests the values just
# within. Nothing here calls AWS.

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

run "refuses_too_small_or_of_another_form" {
  command = plan

  variables {
    name                              = "1st"
    region                            = "Oregon"
    tags                              = { Stack = "mine" }
    bucket_name                       = "has.a.dot"
    noncurrent_version_retention_days = 0
    multipart_abort_days              = 0
    visibility_timeout_seconds        = 0
    queue_retention_days              = 0
    max_receive_count                 = 0
    architecture                      = "x86"
    function_memory_mb                = 127
    function_timeout_seconds          = 0
    reserved_concurrency              = -1
    tracing_mode                      = "Passthrough"
    log_retention_days                = 0
    retry_attempts                    = -1
    event_max_age_seconds             = 59
    uploader_arns                     = ["arn:aws:sts::123456789012:assumed-role/a/b"]
    back_end_arns                     = ["arn:aws:iam::123456789012:role/*"]
    results_reader_arns               = ["front-end"]
    author_arns                       = ["author"]
    gradebook_reader_arns             = ["arn:aws:iam::123456789012:root"]
    operator_arns                     = ["arn:aws:iam::123456789012:group/a"]
    repairing_operator_arns           = ["*"]
    further_repairing_operator_arns   = ["*"]
    version_deleter_arns              = ["arn:aws:iam::123456789012:root"]
    permissions_boundary_name         = "/bootstrap/boundary"
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.bucket_name,
    var.noncurrent_version_retention_days,
    var.multipart_abort_days,
    var.visibility_timeout_seconds,
    var.queue_retention_days,
    var.max_receive_count,
    var.architecture,
    var.function_memory_mb,
    var.function_timeout_seconds,
    var.reserved_concurrency,
    var.tracing_mode,
    var.log_retention_days,
    var.retry_attempts,
    var.event_max_age_seconds,
    var.uploader_arns,
    var.back_end_arns,
    var.results_reader_arns,
    var.author_arns,
    var.gradebook_reader_arns,
    var.operator_arns,
    var.repairing_operator_arns,
    var.further_repairing_operator_arns,
    var.version_deleter_arns,
    var.permissions_boundary_name,
  ]
}

run "refuses_too_large_or_reserved" {
  command = plan

  variables {
    name                       = "a23456789-123456789-123456789-123"
    region                     = "us-west"
    tags                       = { "aws:course" = "594" }
    bucket_name                = "amzn-s3-demo-bucket"
    visibility_timeout_seconds = 43201
    queue_retention_days       = 14
    max_receive_count          = 1001
    function_memory_mb         = 10241
    function_timeout_seconds   = 901
    log_retention_days         = 181
    retry_attempts             = 3
    event_max_age_seconds      = 21601
    permissions_boundary_name  = "arn:aws:iam::123456789012:policy/boundary"
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.bucket_name,
    var.visibility_timeout_seconds,
    var.queue_retention_days,
    var.max_receive_count,
    var.function_memory_mb,
    var.function_timeout_seconds,
    var.log_retention_days,
    var.retry_attempts,
    var.event_max_age_seconds,
    var.permissions_boundary_name,
  ]
}

run "refuses_no_whole_number" {
  command = plan

  variables {
    noncurrent_version_retention_days = 1.5
    multipart_abort_days              = 1.5
    visibility_timeout_seconds        = 1.5
    queue_retention_days              = 1.5
    max_receive_count                 = 1.5
    function_memory_mb                = 128.5
    function_timeout_seconds          = 1.5
    reserved_concurrency              = 0.5
    event_max_age_seconds             = 60.5
    retry_attempts                    = 0.5
  }

  expect_failures = [
    var.noncurrent_version_retention_days,
    var.multipart_abort_days,
    var.visibility_timeout_seconds,
    var.queue_retention_days,
    var.max_receive_count,
    var.function_memory_mb,
    var.function_timeout_seconds,
    var.reserved_concurrency,
    var.event_max_age_seconds,
    var.retry_attempts,
  ]
}

run "refuses_reserved_for_s3" {
  command = plan

  variables {
    name        = "sthree-course"
    bucket_name = "course--ol-s3"
    tags        = { course = null }
  }

  expect_failures = [
    var.name,
    var.bucket_name,
    var.tags,
  ]
}

run "refuses_reserved_for_demonstrations" {
  command = plan

  variables {
    name        = "amzn-s3-demo-course"
    bucket_name = "xn--course"
    tags        = { course = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }
  }

  expect_failures = [
    var.name,
    var.bucket_name,
    var.tags,
  ]
}

run "refuses_a_hyphen_where_none_may_be" {
  command = plan

  variables {
    name        = "course-"
    bucket_name = "course-"
    tags        = { "" = "594" }
  }

  expect_failures = [
    var.name,
    var.bucket_name,
    var.tags,
  ]
}

run "refuses_two_hyphens_or_too_short" {
  command = plan

  variables {
    name        = "a--b"
    bucket_name = "ab"
    tags        = { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" = "594" }
  }

  expect_failures = [
    var.name,
    var.bucket_name,
    var.tags,
  ]
}

run "refuses_a_topic_of_another_region" {
  command = plan

  variables {
    alarm_topic_arn = "arn:aws:sns:us-east-1:123456789012:course-staff"
  }

  expect_failures = [
    var.alarm_topic_arn,
  ]
}

run "refuses_an_alarm_after_the_message_is_gone" {
  command = plan

  variables {
    queue_retention_days             = 1
    oldest_message_age_alarm_seconds = 86400
  }

  expect_failures = [
    var.oldest_message_age_alarm_seconds,
  ]
}

# By themselves: these look at other variables too, and not at all at one that is refused.
run "refuses_alarms_of_another_form" {
  command = plan

  variables {
    alarm_topic_arn                  = "arn:aws:sns:us-west-2:123456789012:course-staff.fifo"
    bucket_growth_alarm_mb           = 0
    oldest_message_age_alarm_seconds = 59
  }

  expect_failures = [
    var.alarm_topic_arn,
    var.bucket_growth_alarm_mb,
    var.oldest_message_age_alarm_seconds,
  ]
}

run "refuses_an_alarm_for_a_subscription_or_after_half_a_second" {
  command = plan

  variables {
    alarm_topic_arn                  = "arn:aws:sns:us-west-2:123456789012:course-staff:c0ffee00-0000-0000-0000-000000000000"
    bucket_growth_alarm_mb           = 1.5
    oldest_message_age_alarm_seconds = 60.5
  }

  expect_failures = [
    var.alarm_topic_arn,
    var.bucket_growth_alarm_mb,
    var.oldest_message_age_alarm_seconds,
  ]
}

run "refuses_principals_of_other_accounts" {
  command = plan

  variables {
    uploader_arns                   = ["arn:aws:iam::210987654321:role/front-end"]
    back_end_arns                   = ["arn:aws:iam::210987654321:role/back-end"]
    results_reader_arns             = ["arn:aws:iam::210987654321:role/front-end"]
    author_arns                     = ["arn:aws:iam::210987654321:role/author"]
    gradebook_reader_arns           = ["arn:aws:iam::210987654321:user/registrar"]
    operator_arns                   = ["arn:aws:iam::210987654321:user/operator"]
    repairing_operator_arns         = ["arn:aws:iam::210987654321:role/repair"]
    further_repairing_operator_arns = ["arn:aws:iam::210987654321:role/*/Repair_*"]
    version_deleter_arns            = ["arn:aws:iam::*:role/archivist"]
  }

  expect_failures = [
    var.uploader_arns,
    var.back_end_arns,
    var.results_reader_arns,
    var.author_arns,
    var.gradebook_reader_arns,
    var.operator_arns,
    var.repairing_operator_arns,
    var.further_repairing_operator_arns,
    var.version_deleter_arns,
  ]
}

run "refuses_what_policies_take_for_a_pattern" {
  command = plan

  variables {
    uploader_arns                   = ["arn:aws:iam::123456789012:role/*/front-end"]
    back_end_arns                   = ["arn:aws:iam::123456789012:role/course?/back-end"]
    results_reader_arns             = ["arn:aws:iam::123456789012:role/*/front-end"]
    author_arns                     = ["arn:aws:iam::123456789012:role/author*"]
    gradebook_reader_arns           = ["arn:aws:iam::123456789012:user/?/registrar"]
    operator_arns                   = ["arn:aws:iam::123456789012:user/$${aws:username}/operator"]
    repairing_operator_arns         = ["arn:aws:iam::123456789012:role/repair*"]
    further_repairing_operator_arns = ["arn:aws:iam::123456789012:role/*"]
    version_deleter_arns            = ["arn:aws:iam::123456789012:role/archivist-?"]
  }

  expect_failures = [
    var.uploader_arns,
    var.back_end_arns,
    var.results_reader_arns,
    var.author_arns,
    var.gradebook_reader_arns,
    var.operator_arns,
    var.repairing_operator_arns,
    var.further_repairing_operator_arns,
    var.version_deleter_arns,
  ]
}

run "refuses_grading_with_too_little_memory" {
  command = plan

  variables {
    grading = { memory_mb = 511 }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_half_a_megabyte" {
  command = plan

  variables {
    grading = { memory_mb = 512.5 }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_too_little_time" {
  command = plan

  variables {
    grading = { timeout_seconds = 29 }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_too_much_time" {
  command = plan

  variables {
    grading = { timeout_seconds = 901 }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_one_grader" {
  command = plan

  variables {
    grading = { maximum_concurrency = 1 }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_a_boundary_by_arn" {
  command = plan

  variables {
    grading = { permissions_boundary_name = "arn:aws:iam::123456789012:policy/boundary" }
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_no_boundary_beside_the_intakes" {
  command = plan

  variables {
    grading                   = {}
    permissions_boundary_name = "boundary"
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_a_message_that_comes_back_too_early" {
  command = plan

  variables {
    grading                    = {}
    visibility_timeout_seconds = 719
  }

  expect_failures = [var.grading]
}

run "refuses_grading_with_a_message_that_is_a_dead_letter_too_early" {
  command = plan

  variables {
    grading           = {}
    max_receive_count = 4
  }

  expect_failures = [var.grading]
}
