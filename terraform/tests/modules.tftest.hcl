# Each module alone: what it creates for its inputs, and what it refuses.

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

run "notification_tells_of_json_under_submissions_alone" {
  command = plan

  module {
    source = "./modules/intake_notification"
  }

  variables {
    context       = { account_id = "123456789012" }
    bucket_arn    = "arn:aws:s3:::course"
    bucket_name   = "course"
    function_arn  = "arn:aws:lambda:us-west-2:123456789012:function:intake"
    function_name = "intake"
  }

  assert {
    condition     = length(aws_s3_bucket_notification.this.lambda_function) == 1
    error_message = "S3 notifies one function, once."
  }

  assert {
    condition = (
      aws_s3_bucket_notification.this.lambda_function[0].filter_prefix == "submissions/" &&
      aws_s3_bucket_notification.this.lambda_function[0].filter_suffix == ".json" &&
      aws_s3_bucket_notification.this.lambda_function[0].events == toset(["s3:ObjectCreated:*"])
    )
    error_message = "S3 notifies of every created .json under submissions/, and of nothing else."
  }

  assert {
    condition = (
      aws_lambda_permission.this.principal == "s3.amazonaws.com" &&
      aws_lambda_permission.this.action == "lambda:InvokeFunction" &&
      aws_lambda_permission.this.source_arn == "arn:aws:s3:::course" &&
      aws_lambda_permission.this.source_account == "123456789012"
    )
    error_message = "S3 may invoke the function only for this bucket of this account."
  }
}

run "queue_refuses_what_sqs_does" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "no.dots"
    visibility_timeout_seconds = 43201
    sender_arns                = []
    retention_days             = 15
  }

  expect_failures = [
    var.name,
    var.visibility_timeout_seconds,
    var.retention_days,
  ]
}

run "queue_refuses_less_than_nothing" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = ""
    visibility_timeout_seconds = -1
    sender_arns                = []
    retention_days             = 0
  }

  expect_failures = [
    var.name,
    var.visibility_timeout_seconds,
    var.retention_days,
  ]
}

run "queue_is_encrypted_by_sqs" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "course"
    visibility_timeout_seconds = 0
    sender_arns                = []
    retention_days             = 14
  }

  assert {
    condition     = aws_sqs_queue.this["queue"].sqs_managed_sse_enabled && aws_sqs_queue.this["queue"].message_retention_seconds == 1209600
    error_message = "Without a key, SQS encrypts with its own; 14 days are 1209600 seconds."
  }
}

run "queue_is_encrypted_by_the_key_it_is_given" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "course"
    visibility_timeout_seconds = 43200
    sender_arns                = []
    retention_days             = 1
    key                        = { arn = "arn:aws:kms:us-west-2:123456789012:key/1" }
  }

  assert {
    condition     = aws_sqs_queue.this["queue"].kms_master_key_id == "arn:aws:kms:us-west-2:123456789012:key/1"
    error_message = "The given key is used."
  }
}

run "dead_letters_must_be_kept_longer" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "course"
    visibility_timeout_seconds = 300
    sender_arns                = []
    retention_days             = 7
    dead_letter                = { max_receive_count = 5, retention_days = 7 }
  }

  expect_failures = [var.dead_letter]
}

run "queue_has_a_dead_letter_queue_if_asked" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "course"
    visibility_timeout_seconds = 300
    retention_days             = 7
    dead_letter                = { max_receive_count = 5 }
    sender_arns                = ["arn:aws:iam::123456789012:role/sender"]
    key                        = { arn = "arn:aws:kms:us-west-2:123456789012:key/1" }
  }

  assert {
    condition     = { for queue in aws_sqs_queue.this : queue.name => queue.message_retention_seconds / 86400 } == { course = 7, course-dead-letter = 14 }
    error_message = "Dead letters are kept for 14 days."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.this : queue.kms_master_key_id == "arn:aws:kms:us-west-2:123456789012:key/1"])
    error_message = "The key encrypts both."
  }

  assert {
    condition     = { for name, document in data.aws_iam_policy_document.this : name => [for statement in document.statement : statement.sid] } == { queue = ["DenyWithoutTLS", "DenyOtherSenders"], dead_letter = ["DenyWithoutTLS"] }
    error_message = "The policy does not stop SQS from moving messages to the dead-letter queue."
  }
}

run "queue_has_no_dead_letter_queue_unless_asked" {
  command = plan

  module {
    source = "./modules/queue"
  }

  variables {
    name                       = "course"
    visibility_timeout_seconds = 300
    sender_arns                = []
    retention_days             = 14
  }

  assert {
    condition     = keys(aws_sqs_queue.this) == ["queue"] && length(aws_sqs_queue_redrive_policy.queue) == 0 && output.dead_letter == null
    error_message = "There is one queue, and no redrive."
  }
}

run "function_without_its_package_says_how_to_build_it" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    context          = { stack = "course", region = "us-west-2" }
    name             = "course-intake"
    description      = "Does something."
    role_description = "Lets it."
    package_path     = "./no-such.zip"
    handler          = "package.module.function"
    environment      = {}
    sends_to         = []
    key              = null
    settings = {
      architecture         = "arm64"
      memory_mb            = 256
      timeout_seconds      = 30
      reserved_concurrency = null
      tracing_mode         = "PassThrough"
      log_retention_days   = 180
    }
  }

  expect_failures = [aws_lambda_function.this]
}

run "function_is_set_as_it_is_told" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    context                  = { stack = "course", region = "us-west-2" }
    name                     = "course-intake"
    description              = "Does something."
    role_description         = "Lets it."
    package_path             = "./main.tf"
    handler                  = "package.module.function"
    environment              = { COLOUR = "green" }
    sends_to                 = ["arn:aws:sqs:us-west-2:123456789012:course"]
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    key                      = null
    settings = {
      architecture         = "x86_64"
      memory_mb            = 512
      timeout_seconds      = 31
      reserved_concurrency = 0
      tracing_mode         = "Active"
      log_retention_days   = 90
    }
    asynchronous = {
      retry_attempts        = 1
      event_max_age_seconds = 61
      failures_queue_arn    = "arn:aws:sqs:us-west-2:123456789012:failures"
    }
  }

  assert {
    condition = (
      aws_lambda_function.this.architectures == tolist(["x86_64"]) &&
      aws_lambda_function.this.memory_size == 512 &&
      aws_lambda_function.this.timeout == 31 &&
      aws_lambda_function.this.tracing_config[0].mode == "Active"
    )
    error_message = "The function has the given architecture, memory, timeout and tracing."
  }

  assert {
    condition = (
      aws_lambda_function.this.handler == "package.module.function" &&
      aws_lambda_function.this.description == "Does something." &&
      aws_lambda_function.this.environment[0].variables == tomap({ COLOUR = "green" })
    )
    error_message = "The function has the given handler, description and environment."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 0
    error_message = "A reserved concurrency of 0 stays 0."
  }

  assert {
    condition = (
      aws_lambda_function_event_invoke_config.this[0].maximum_retry_attempts == 1 &&
      aws_lambda_function_event_invoke_config.this[0].maximum_event_age_in_seconds == 61
    )
    error_message = "Failed events are retried as the settings say."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 90 && aws_cloudwatch_log_group.this.name == "/aws/lambda/course-intake"
    error_message = "The log group belongs to the function, and keeps logs for the given number of days."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary" && aws_iam_role.this.name == "course-intake-us-west-2"
    error_message = "The role has its boundary, and its region in its name."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid       = "AssumeByLambda"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
    error_message = "Only Lambda assumes the role."
  }
}

run "policies_are_for_principals_of_this_account" {
  command = plan

  module {
    source = "./modules/access_policies"
  }

  variables {
    context              = { stack = "course", account_id = "123456789012", region = "us-west-2", partition = "aws" }
    bucket_arn           = "arn:aws:s3:::course"
    function_arn         = "arn:aws:lambda:us-west-2:123456789012:function:course-intake"
    log_group_arn        = "arn:aws:logs:us-west-2:123456789012:log-group:course"
    stack_parameter_name = "/submitter/course/stack"
    key                  = null
    queue_arns = {
      submissions     = "arn:aws:sqs:us-west-2:123456789012:course"
      dead_letter     = "arn:aws:sqs:us-west-2:123456789012:course-dead-letter"
      intake_failures = "arn:aws:sqs:us-west-2:123456789012:course-failures"
    }
    principal_arns = {
      uploader           = ["arn:aws:iam::210987654321:role/front-end"]
      results_reader     = []
      author             = []
      gradebook_reader   = []
      back_end           = []
      operator           = []
      repairing_operator = []
    }
  }

  expect_failures = [var.principal_arns]
}

run "policies_say_who_may_do_what_and_are_attached_to_whom_they_are_for" {
  command = plan

  module {
    source = "./modules/access_policies"
  }

  variables {
    context              = { stack = "course", account_id = "123456789012", region = "us-west-2", partition = "aws" }
    bucket_arn           = "arn:aws:s3:::course"
    function_arn         = "arn:aws:lambda:us-west-2:123456789012:function:course-intake"
    log_group_arn        = "arn:aws:logs:us-west-2:123456789012:log-group:course"
    stack_parameter_name = "/submitter/course/stack"
    key                  = { arn = "arn:aws:kms:us-west-2:123456789012:key/1" }
    queue_arns = {
      submissions     = "arn:aws:sqs:us-west-2:123456789012:course"
      dead_letter     = "arn:aws:sqs:us-west-2:123456789012:course-dead-letter"
      intake_failures = "arn:aws:sqs:us-west-2:123456789012:course-failures"
    }
    principal_arns = {
      uploader           = ["arn:aws:iam::123456789012:role/course/front-end", "arn:aws:iam::123456789012:user/old-front-end"]
      results_reader     = ["arn:aws:iam::123456789012:role/course/front-end"]
      author             = []
      gradebook_reader   = []
      back_end           = ["arn:aws:iam::123456789012:role/back-end"]
      operator           = []
      repairing_operator = []
    }
  }

  assert {
    condition = jsondecode(aws_iam_policy.this["uploader"].policy).Statement == [
      {
        Sid      = "PutSubmissions"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::course/submissions/*"
      },
      {
        Sid       = "EncryptSubmissions"
        Effect    = "Allow"
        Action    = "kms:GenerateDataKey"
        Resource  = "arn:aws:kms:us-west-2:123456789012:key/1"
        Condition = { StringEquals = { "kms:ViaService" = "s3.us-west-2.amazonaws.com" } }
      },
    ]
    error_message = "The uploader puts submissions, and has them encrypted."
  }

  assert {
    condition     = keys(aws_iam_policy.this) == ["author", "back_end", "gradebook_reader", "operator", "repairing_operator", "results_reader", "uploader"]
    error_message = "There is a policy for each kind of principal."
  }

  assert {
    condition = (
      { for key, each in aws_iam_role_policy_attachment.this : each.role => key... } == {
        "back-end"  = ["back_end arn:aws:iam::123456789012:role/back-end"]
        "front-end" = ["results_reader arn:aws:iam::123456789012:role/course/front-end", "uploader arn:aws:iam::123456789012:role/course/front-end"]
      } &&
      [for each in aws_iam_user_policy_attachment.this : each.user] == ["old-front-end"]
    )
    error_message = "Roles and users get the policy of their kind, by their names without the path."
  }
}

run "grader_gets_one_message_at_a_time_and_gives_it_back" {
  command = plan

  module {
    source = "./modules/grader_mapping"
  }

  variables {
    context             = { region = "us-west-2" }
    function            = { name = "course-grader", role_name = "course-grader-us-west-2" }
    queue_arn           = "arn:aws:sqs:us-west-2:123456789012:course"
    bucket_arn          = "arn:aws:s3:::course"
    maximum_concurrency = 3
    key                 = null
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.this.batch_size == 1 &&
      aws_lambda_event_source_mapping.this.function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.this.scaling_config[0].maximum_concurrency == 3
    )
    error_message = "A run gets one message, says whether it must come back, and as many run at once as allowed."
  }
}

run "alarms_notify_the_topic_and_name_the_runbook" {
  command = plan

  module {
    source = "./modules/observability"
  }

  variables {
    context                          = { stack = "course", region = "us-west-2" }
    bucket_name                      = "course"
    function_name                    = "course-intake"
    grader_name                      = "course-grader"
    queue_names                      = { submissions = "course-submissions", dead_letter = "course-submissions-dead-letter", intake_failures = "course-intake-failures" }
    alarm_topic_arn                  = "arn:aws:sns:us-west-2:123456789012:course-staff"
    bucket_growth_alarm_mb           = 20
    oldest_message_age_alarm_seconds = 1200
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == toset([var.alarm_topic_arn]) && alarm.ok_actions == toset([var.alarm_topic_arn])
    ])
    error_message = "The alarm notifies the topic when it starts and when it ends."
  }

  assert {
    condition = alltrue([
      for name, alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_name == "course-${name}" && can(regex("^[^.]+\\. See docs/runbook\\.md#${name}$", alarm.alarm_description))
    ])
    error_message = "An alarm's description is one sentence and the link to its runbook entry."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["bucket-growth"].threshold == 20000000
    error_message = "bucket-growth has the given threshold."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["oldest-message-age"].threshold == 1200
    error_message = "oldest-message-age has the given threshold."
  }
}

run "key_serves_the_stack_alone" {
  command = plan

  module {
    source = "./modules/encryption_key"
  }

  variables {
    context        = { stack = "course", account_id = "123456789012", region = "us-west-2", partition = "aws" }
    bucket_arn     = "arn:aws:s3:::course"
    function_arn   = "arn:aws:lambda:us-west-2:123456789012:function:course-intake"
    log_group_arns = ["arn:aws:logs:us-west-2:123456789012:log-group:course"]
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key is rotated, and deleted after the longest window."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Sid => try(statement.Condition, null)
      } == {
      LetTheAccountsPoliciesDecide = null
      LetS3ForTheBucket = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::course" }
      }
      LetLambdaForTheFunction = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:lambda:us-west-2:123456789012:function:course-intake" }
      }
      LetCloudWatchLogsForTheLogGroup = {
        ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-west-2:123456789012:log-group:course" }
      }
    }
    error_message = "Services use the key only for the bucket, the function and its log."
  }
}

run "parameter_tells_where_the_stack_is" {
  command = plan

  module {
    source = "./modules/stack_parameter"
  }

  variables {
    name  = "course"
    stack = { bucket_name = "bucket", name = "another" }
  }

  assert {
    condition     = aws_ssm_parameter.this.name == "/submitter/course/stack" && output.name == "/submitter/course/stack"
    error_message = "The parameter has the stack's name."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.this.value) == { bucket_name = "bucket", name = "course" }
    error_message = "The parameter has the stack's settings and name."
  }
}
