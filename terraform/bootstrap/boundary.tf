# The most that the function's role of a stack can ever be given, whatever policy it gets.
data "aws_iam_policy_document" "boundary" {
  for_each = local.arns

  #checkov:skip=CKV_AWS_356:X-Ray knows no narrower resource; every other statement names its own
  #checkov:skip=CKV_AWS_111:X-Ray knows no narrower resource; every other statement names its own
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

  # What a boundary merely leaves out, a resource's policy can still give to a session of the role
  # ("Permissions boundaries for IAM entities" in IAM's user guide). A denial holds against that too.
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
