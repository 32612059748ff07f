# For the `submitter` commands that only read: status, watch, why, doctor, and reconcile and redrive without --yes.
data "aws_iam_policy_document" "operator" {
  #checkov:skip=CKV_AWS_356:"*" only where AWS has no narrower resource for the action; every other statement names its resources
  statement {
    sid       = "FindStack"
    actions   = ["ssm:GetParameter"]
    resources = [local.stack_parameter_arn]
  }

  # Without a prefix: reconcile also looks for submissions uploaded to the wrong place.
  statement {
    sid       = "ListBucket"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.bucket_arn]
  }

  # Results, not submissions: no command needs to read a student's code.
  statement {
    sid       = "ReadResults"
    actions   = ["s3:GetObject"]
    resources = [local.output_arn]
  }

  statement {
    sid = "ReadBucketConfiguration"
    actions = [
      "s3:GetBucketNotification",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetMetricsConfiguration",
    ]
    resources = [var.bucket_arn]
  }

  statement {
    sid = "ReadFunctionConfiguration"
    actions = [
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetPolicy",
    ]
    resources = concat([var.function_arn], var.grader[*].function_arn)
  }

  statement {
    sid       = "ReadLog"
    actions   = ["logs:FilterLogEvents"]
    resources = [for log_group_arn in concat([var.log_group_arn], var.grader[*].log_group_arn) : "${log_group_arn}:*"]
  }

  dynamic "statement" {
    for_each = var.grader == null ? [] : ["grader"]

    content {
      sid       = "ReadGradersMapping"
      actions   = ["lambda:GetEventSourceMapping"]
      resources = [var.grader.mapping_arn]
    }
  }

  # AWS checks a listing of log groups against all log groups, even with a prefix ("Actions, resources,
  # and condition keys for Amazon CloudWatch Logs").
  statement {
    sid       = "FindLogGroup"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${var.context.partition}:logs:${var.context.region}:${var.context.account_id}:log-group:*"]
  }

  statement {
    sid       = "CountMessages"
    actions   = ["sqs:GetQueueAttributes"]
    resources = [var.queue_arns.submissions, var.queue_arns.dead_letter, var.queue_arns.intake_failures]
  }

  # SQS shows a message only to a receiver; the tool makes it visible again at once. Not on the
  # submitter queue, whose messages are the back end's.
  statement {
    sid       = "LookAtFailures"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"]
    resources = [var.queue_arns.dead_letter, var.queue_arns.intake_failures]
  }

  # Metrics have no ARN. AWS leaves composite alarms out unless the caller can describe all alarms
  # ("DescribeAlarms" in CloudWatch's API reference).
  statement {
    sid       = "ReadMetricsAndAlarms"
    actions   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptResultsAndFailures"
      actions   = ["kms:Decrypt"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service, local.sqs_service]
      }
    }
  }
}

# For all `submitter` commands: also submit, doctor --round-trip, and reconcile and redrive with --yes.
data "aws_iam_policy_document" "repairing_operator" {
  source_policy_documents = [data.aws_iam_policy_document.operator.json]

  # GetObject, because submit first looks whether the same content is there already.
  statement {
    sid       = "Submit"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [local.submissions_arn]
  }

  # The only objects that the tool deletes are its round trips' submissions. Deleting several versions
  # in one request needs both rights ("DeleteObjects" in S3's API reference).
  statement {
    sid       = "RemoveRoundTrips"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${var.bucket_arn}/submissions/submitter-doctor/*"]
  }

  # reconcile and redrive invoke the function, so that only the function sends messages.
  statement {
    sid       = "Announce"
    actions   = ["lambda:InvokeFunction"]
    resources = [var.function_arn]
  }

  statement {
    sid       = "RemoveHandledFailures"
    actions   = ["sqs:DeleteMessage"]
    resources = [var.queue_arns.dead_letter, var.queue_arns.intake_failures]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "EncryptSubmissions"
      actions   = ["kms:GenerateDataKey"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }
}
