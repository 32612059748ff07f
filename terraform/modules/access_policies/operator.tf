# What `submitter` asks: status, watch, why, doctor, and reconcile and redrive without --yes.
data "aws_iam_policy_document" "operator" {
  #checkov:skip=CKV_AWS_356:"*" stands only where AWS knows no narrower resource for the action; every other statement names its own
  statement {
    sid       = "FindStack"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${var.context.partition}:ssm:${var.context.region}:${var.context.account_id}:parameter${var.stack_parameter_name}"]
  }

  # Not by prefix: reconcile looks for submissions that were uploaded to the wrong place too.
  statement {
    sid       = "ListBucket"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.bucket_arn]
  }

  # Results, not submissions: where a submission is can be told without reading a student's code.
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
    resources = [var.function_arn]
  }

  statement {
    sid       = "ReadLog"
    actions   = ["logs:FilterLogEvents"]
    resources = ["${var.log_group_arn}:*"]
  }

  # A listing of log groups is asked of all of them, whatever prefix it names ("Actions, resources,
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

  # SQS shows a message only to a receiver; the tool makes it visible again at once. Never those of
  # the submitter queue, which are the back end's.
  statement {
    sid       = "LookAtFailures"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"]
    resources = [var.queue_arns.dead_letter, var.queue_arns.intake_failures]
  }

  # Metrics have no ARN, and composite alarms are left out of an answer to whoever may not ask for
  # all ("DescribeAlarms" in CloudWatch's API reference).
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

# What `submitter` does beside: submit, doctor --round-trip, and reconcile and redrive with --yes.
data "aws_iam_policy_document" "repairing_operator" {
  source_policy_documents = [data.aws_iam_policy_document.operator.json]

  # Before it submits it looks whether the same is there already, which S3 counts as reading.
  statement {
    sid       = "Submit"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [local.submissions_arn]
  }

  # Of the round trip's own submissions only; nothing else of the tool deletes from the bucket. To
  # delete versions together S3 wants both rights ("DeleteObjects" in its API reference).
  statement {
    sid       = "RemoveRoundTrips"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${var.bucket_arn}/submissions/submitter-doctor/*"]
  }

  # reconcile and redrive have the function announce, so that no message is made another way.
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
