# The deploy role's further rights: it creates and changes the stack's resources. It cannot remove resources that
# hold data, announce or grade, cannot attach policies, and cannot change or remove roles and policies that exist:
# an administrator does that. Keys are an administrator's too: with the right to write a key's policy the role could
# have the key deleted, and with the right to tag keys it could make any key of the account the stack's.
data "aws_iam_policy_document" "changing" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_109:it cannot attach the policies that it creates, and the roles that it creates have boundaries
  statement {
    sid       = "WriteState"
    actions   = ["s3:PutObject"]
    resources = [each.value.state]
  }

  statement {
    sid       = "LockState"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = [each.value.state_lock]
  }

  statement {
    sid = "ChangeBucket"
    actions = [
      "s3:CreateBucket",
      "s3:PutBucketNotification",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:PutMetricsConfiguration",
      "s3:TagResource",
      "s3:UntagResource",
    ]
    resources = [each.value.bucket]

    # A bucket's ARN has neither account nor region. Before a bucket exists, its account may be unknown.
    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [local.region]
    }
  }

  statement {
    sid       = "ChangeQueues"
    actions   = ["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
    resources = [each.value.queues]
  }

  statement {
    sid = "ChangeFunction"
    actions = [
      "lambda:AddPermission",
      "lambda:CreateFunction",
      "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionConcurrency",
      "lambda:PutFunctionEventInvokeConfig",
      "lambda:PutFunctionRecursionConfig",
      "lambda:RemovePermission",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:UpdateFunctionEventInvokeConfig",
    ]
    resources = values(each.value.functions)
  }

  # Only the grader takes messages. A mapping to be created has no ARN yet.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
  statement {
    sid       = "ChangeMapping"
    actions   = ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:FunctionArn"
      values   = [each.value.functions.grader]
    }
  }

  # A mapping is created with its tags; before that it has none.
  statement {
    sid       = "TagMapping"
    actions   = ["lambda:TagResource", "lambda:UntagResource"]
    resources = [local.mappings]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/Stack"
      values   = [var.stacks[each.key]]
    }
  }

  statement {
    sid = "ChangeLogGroup"
    actions = [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:DeleteRetentionPolicy",
      "logs:DisassociateKmsKey",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ]
    resources = flatten([for log_group in values(each.value.log_groups) : [log_group, "${log_group}:*"]])
  }

  statement {
    sid = "ChangeAlarmsAndDashboard"
    actions = [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:PutDashboard",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ]
    resources = [each.value.alarms, each.value.dashboard]
  }

  statement {
    sid       = "ChangeParameter"
    actions   = ["ssm:AddTagsToResource", "ssm:PutParameter", "ssm:RemoveTagsFromResource"]
    resources = [each.value.parameter]
  }

  # Without its boundary, the deploy role could create a role with all rights and give it to the function. Each
  # function's role has its own: the intake's must not read what the grader's reads.
  dynamic "statement" {
    for_each = each.value.roles

    content {
      sid       = "MakeBounded${title(statement.key)}Role"
      actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "iam:PermissionsBoundary"
        values   = [each.value.boundaries[statement.key]]
      }
    }
  }

  statement {
    sid       = "ChangeRole"
    actions   = ["iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"]
    resources = values(each.value.roles)
  }

  statement {
    sid       = "GiveTheFunctionItsRole"
    actions   = ["iam:PassRole"]
    resources = values(each.value.roles)

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }

  statement {
    sid       = "MakePolicies"
    actions   = ["iam:CreatePolicy", "iam:TagPolicy", "iam:UntagPolicy"]
    resources = each.value.policies
  }
}

resource "aws_iam_policy" "changing" {
  for_each = var.stacks

  name        = "${each.value}-changing-${local.region}"
  path        = local.path
  description = "Creates and changes the resources of the stack ${each.value}."
  policy      = data.aws_iam_policy_document.changing[each.key].json
}

resource "aws_iam_role_policy_attachment" "changing" {
  for_each = var.stacks

  role       = aws_iam_role.workflow["${each.key}-deploy"].name
  policy_arn = aws_iam_policy.changing[each.key].arn
}
