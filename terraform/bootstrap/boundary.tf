# The permissions boundary of each stack's function role: no policy can give the role more.
data "aws_iam_policy_document" "boundary" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:X-Ray has no narrower resource; every other statement names its resources
  #checkov:skip=CKV_AWS_111:X-Ray has no narrower resource; every other statement names its resources
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for log_group in each.value.log_groups : "${log_group}:*"]
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
  description = "The most that a role of the stack ${each.value} may do."
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}
