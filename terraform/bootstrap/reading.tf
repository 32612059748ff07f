# What a plan asks: the settings of the stack's resources, never a submission, a message or a log event.
data "aws_iam_policy_document" "reading" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:"*" stands only where AWS knows no narrower resource for the action; every other statement names its own
  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = [each.value.state]
  }

  # Without it a state that is not there yet would be "access denied".
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

  # What the provider reads of any bucket, also of settings that the stack leaves alone.
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
      "s3:ListBucket", # HeadBucket; the keys are names, the objects stay closed
      "s3:ListTagsForResource",
    ]
    resources = [each.value.bucket]

    # A bucket's ARN names no account.
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
    resources = each.value.functions
  }

  statement {
    sid       = "ReadLogGroup"
    actions   = ["logs:ListTagsForResource"]
    resources = flatten([for log_group in each.value.log_groups : [log_group, "${log_group}:*"]])
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
    resources = concat(each.value.roles, each.value.policies)
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

  # A key has no name of its own; its tags say whose it is.
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

  # A listing of log groups is asked of all of them, whatever prefix it names; composite alarms are left out
  # of an answer to whoever may not ask for all; parameters and aliases know no narrower resource for it.
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
