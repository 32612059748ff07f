# What a plan reads: settings of the stack's resources; no submissions, messages or log events.
data "aws_iam_policy_document" "reading" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:"*" only where AWS has no narrower resource for the action; every other statement names its resources
  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = [each.value.state]
  }

  # Without it, AWS answers "access denied" for a state that does not exist yet.
  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.stacks[each.key]}.tfstate", "${var.stacks[each.key]}.tfstate*", "env:/"]
    }
  }

  # The provider reads all these settings of every bucket, also those that the stack does not set.
  statement {
    sid = "ReadBucket"
    actions = [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLocation",
      "s3:GetBucketLogging",
      "s3:GetBucketNotification",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetMetricsConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket", # HeadBucket needs it; it shows keys, not objects
      "s3:ListTagsForResource",
    ]
    resources = [each.value.bucket]

    # A bucket's ARN has no account.
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "ReadQueues"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
    resources = [each.value.queues]
  }

  statement {
    sid = "ReadFunction"
    actions = [
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetFunctionRecursionConfig",
      "lambda:GetPolicy",
      "lambda:GetRuntimeManagementConfig",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
    ]
    resources = values(each.value.functions)
  }

  # A mapping's name is a number, so its function identifies it, by lambda:FunctionArn. ListTags has not that key, but
  # the mapping's tags.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
  statement {
    sid       = "ReadMapping"
    actions   = ["lambda:GetEventSourceMapping"]
    resources = [local.mappings]

    condition {
      test     = "ArnEquals"
      variable = "lambda:FunctionArn"
      values   = [each.value.functions.grader]
    }
  }

  statement {
    sid       = "ReadTagsOfMapping"
    actions   = ["lambda:ListTags"]
    resources = [local.mappings]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Stack"
      values   = [var.stacks[each.key]]
    }
  }

  statement {
    sid       = "ReadLogGroup"
    actions   = ["logs:ListTagsForResource"]
    resources = flatten([for log_group in values(each.value.log_groups) : [log_group, "${log_group}:*"]])
  }

  statement {
    sid       = "ReadAlarmsAndDashboard"
    actions   = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
    resources = [each.value.alarms, each.value.dashboard]
  }

  statement {
    sid = "ReadRoleAndPolicies"
    actions = [
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListPolicyVersions",
      "iam:ListRolePolicies",
    ]
    resources = concat(values(each.value.roles), each.value.policies)
  }

  dynamic "statement" {
    for_each = length(lookup(var.principal_arns, each.key, [])) > 0 ? ["principals"] : []

    content {
      sid       = "ReadAttachments"
      actions   = ["iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies"]
      resources = var.principal_arns[each.key]
    }
  }

  statement {
    sid       = "ReadParameter"
    actions   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"]
    resources = [each.value.parameter]
  }

  # A key has no name; its tag names its stack.
  statement {
    sid = "ReadKey"
    actions = [
      "kms:DescribeKey",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListResourceTags",
    ]
    resources = [local.keys]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Stack"
      values   = [var.stacks[each.key]]
    }
  }

  # These actions need all resources: AWS checks a listing of log groups against all log groups, even with a
  # prefix; it leaves composite alarms out unless the caller can describe all alarms; parameters and aliases
  # have no narrower resource for a listing.
  statement {
    sid       = "FindLogGroup"
    actions   = ["logs:DescribeLogGroups"]
    resources = [local.log_groups]
  }

  statement {
    sid       = "ListAlarmsParametersAndAliases"
    actions   = ["cloudwatch:DescribeAlarms", "kms:ListAliases", "ssm:DescribeParameters"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "reading" {
  for_each = var.stacks

  name        = "${each.value}-reading-${local.region}"
  path        = local.path
  description = "Reads the settings of the stack ${each.value}, as a plan does."
  policy      = data.aws_iam_policy_document.reading[each.key].json
}

resource "aws_iam_role_policy_attachment" "reading" {
  for_each = local.roles

  role       = aws_iam_role.workflow[each.key].name
  policy_arn = aws_iam_policy.reading[each.value.environment].arn
}
