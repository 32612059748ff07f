data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "AssumeByLambda"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  # IAM refuses a second role with the same name, where SQS and CloudWatch would give a second stack the first
  # one's queues and alarms: these are created after the role. The region, because roles' names are unique in an
  # account.
  name                 = "${var.name}-${var.context.region}"
  description          = var.role_description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

# A local, because a plan can't show a policy document that refers to a resource which changes.
locals {
  log_group_arn = aws_cloudwatch_log_group.this.arn
}

data "aws_iam_policy_document" "permissions" {
  # No logs:CreateLogGroup: a group that the function creates would keep logs for ever.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  dynamic "statement" {
    for_each = length(var.sends_to) > 0 ? ["queues"] : []

    content {
      sid       = "SendToQueues"
      actions   = ["sqs:SendMessage"]
      resources = var.sends_to
    }
  }

  # Sending to an encrypted queue needs both: SQS generates a data key, or decrypts the one it has.
  # ("Amazon SQS Key management" in SQS's developer guide.)
  dynamic "statement" {
    for_each = var.key != null && length(var.sends_to) > 0 ? ["key"] : []

    content {
      sid       = "EncryptMessages"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sqs.${var.context.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.settings.tracing_mode == "Active" ? ["tracing"] : []

    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"] # X-Ray has no narrower resource for these actions
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = var.name
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.permissions.json
}
