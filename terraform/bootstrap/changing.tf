# What an apply does beside: makes and changes the stack's resources. Removing what holds data or announces is
# an administrator's, and so is who may do what: roles and policies are made where there are none, and then
# neither changed, attached nor removed. A key is an administrator's altogether: whoever writes its policy could
# have it deleted, and whoever tags a new one could tag any key of the account, and so make it the stack's.
data "aws_iam_policy_document" "changing" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_109:the policies it may make are attached to nobody, and the role it may make is bounded
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

    # A bucket's ARN names neither account nor region. A bucket that is not there yet may have no account.
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
    resources = each.value.functions
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
    resources = flatten([for log_group in each.value.log_groups : [log_group, "${log_group}:*"]])
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

  # Without its boundary a role could be made that may do everything, and the function could take it.
  statement {
    sid       = "MakeBoundedRole"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = each.value.roles

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [each.value.boundary]
    }
  }

  statement {
    sid       = "ChangeRole"
    actions   = ["iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"]
    resources = each.value.roles
  }

  statement {
    sid       = "GiveTheFunctionItsRole"
    actions   = ["iam:PassRole"]
    resources = each.value.roles

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
  description = "Makes and changes what the stack ${each.value} is made of."
  policy      = data.aws_iam_policy_document.changing[each.key].json
}

resource "aws_iam_role_policy_attachment" "changing" {
  for_each = var.stacks

  role       = aws_iam_role.workflow["${each.key}-deploy"].name
  policy_arn = aws_iam_policy.changing[each.key].arn
}
