# The permissions boundaries of the roles of each stack's functions: no policy can give a role more.
data "aws_iam_policy_document" "boundary" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:X-Ray has no narrower resource; every other statement names its resources
  #checkov:skip=CKV_AWS_111:X-Ray has no narrower resource; every other statement names its resources
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${each.value.log_groups.intake}:*"]
  }

  statement {
    sid       = "SendToQueues"
    actions   = ["sqs:SendMessage"]
    resources = [each.value.queues]
  }

  statement {
    sid       = "EncryptMessages"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [local.keys]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sqs.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "SendTraces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }

  # A resource's policy can give a role's session what a boundary only leaves out ("Permissions
  # boundaries for IAM entities" in IAM's user guide). It cannot undo a denial.
  statement {
    sid       = "DenyAllElse"
    effect    = "Deny"
    resources = ["*"]

    not_actions = [
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "sqs:SendMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
  }
}

resource "aws_iam_policy" "boundary" {
  for_each = var.stacks

  name        = "${each.value}-boundary-${local.region}"
  path        = local.path
  description = "The most that the intake's role of the stack ${each.value} may do."
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}

# What docs/results.md needs, and no more.
data "aws_iam_policy_document" "grader_boundary" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:X-Ray has no narrower resource; every other statement names its resources
  #checkov:skip=CKV_AWS_111:X-Ray has no narrower resource; every other statement names its resources
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${each.value.log_groups.grader}:*"]
  }

  # Lambda itself takes the messages, with the function's role.
  statement {
    sid       = "TakeMessages"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    resources = [each.value.queues]
  }

  statement {
    sid       = "ReadSubmissions"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${each.value.bucket}/submissions/*"]
  }

  statement {
    sid       = "ReadResultsAndEvents"
    actions   = ["s3:GetObject"]
    resources = ["${each.value.bucket}/output/*", "${each.value.bucket}/events/*"]
  }

  statement {
    sid       = "WriteResults"
    actions   = ["s3:PutObject"]
    resources = ["${each.value.bucket}/output/*"]
  }

  statement {
    sid       = "ListVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = [each.value.bucket]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["submissions/*", "output/*"]
    }
  }

  statement {
    sid       = "DecryptMessagesAndSubmissions"
    actions   = ["kms:Decrypt"]
    resources = [local.keys]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com", "sqs.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "EncryptResults"
    actions   = ["kms:GenerateDataKey"]
    resources = [local.keys]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "SendTraces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }

  # A bucket's ARN has no account: submissions could leave for one of the stack's name elsewhere.
  statement {
    sid       = "DenyOtherAccounts"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "DenyAllElse"
    effect    = "Deny"
    resources = ["*"]

    not_actions = [
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:GetObjectVersion",
      "s3:ListBucketVersions",
      "s3:PutObject",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
  }
}

resource "aws_iam_policy" "grader_boundary" {
  for_each = var.stacks

  name        = "${each.value}-grader-boundary-${local.region}"
  path        = local.path
  description = "The most that the grader's role of the stack ${each.value} may do."
  policy      = data.aws_iam_policy_document.grader_boundary[each.key].json
}
