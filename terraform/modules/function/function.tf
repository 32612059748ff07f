locals {
  # What a package was made from, for one whose bytes differ between two builds of the same.
  digest_path = "${var.package_path}.digest"

  # Without fileexists, a missing package fails here and not at the precondition, which says what to do.
  package_digest = (
    fileexists(local.digest_path) ? file(local.digest_path) :
    fileexists(var.package_path) ? filebase64sha256(var.package_path) : null
  )
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:asynchronous.tf sets an on-failure destination instead, which gets the error together with the event; the grader's messages have the queue's dead-letter queue
  #checkov:skip=CKV_AWS_117:it calls AWS only; in a VPC it would need endpoints to reach AWS, and a VPC would protect nothing
  #checkov:skip=CKV_AWS_272:signing shows who built a zip; here the same people sign and apply, and source_code_hash shows a changed zip in the plan
  #checkov:skip=CKV_AWS_173:the variables are names and queues' URLs, no secrets; Lambda encrypts them with its own key
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  runtime       = "python3.13"
  handler       = var.handler
  architectures = [var.settings.architecture]
  filename      = var.package_path

  source_code_hash = local.package_digest

  memory_size = var.settings.memory_mb
  timeout     = var.settings.timeout_seconds

  # -1 is the provider's value for no reservation; 0 would stop the function.
  reserved_concurrent_executions = coalesce(var.settings.reserved_concurrency, -1)

  environment {
    variables = var.environment
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
    # WARN would also drop the metrics: they are lines of the log with level INFO.
    application_log_level = "INFO"
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.settings.tracing_mode
  }

  lifecycle {
    precondition {
      condition     = fileexists(var.package_path)
      error_message = "The package ${var.package_path} of the function ${var.name} does not exist. Run `make package` in the project's root, or set package_path to a package's path."
    }
  }

  # The function's first run needs its log group, which it cannot create, and its role's policy. When
  # the stack is destroyed, the function goes first.
  depends_on = [
    aws_cloudwatch_log_group.this,
    aws_iam_role_policy.this,
  ]
}

# Stops a loop in which the function's output triggers it. This is Lambda's default; setting it makes a plan show
# any change, because a loop costs money.
resource "aws_lambda_function_recursion_config" "this" {
  function_name  = aws_lambda_function.this.function_name
  recursive_loop = "Terminate"
}
