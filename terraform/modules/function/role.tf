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
  # IAM refuses a second role of the name, so what SQS and CloudWatch would hand over waits for this one.
  # Roles are an account's, not a region's, hence the region.
  name                 = "${var.name}-${var.context.region}"
  description          = "Lets the function ${var.name} write its logs and send to its queues."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

# A document that names a resource directly is rendered during the apply whenever that resource changes,
# and the plan can't show the policy. Naming a local avoids that.
locals {
  log_group_arn = aws_cloudwatch_log_group.this.arn
}

data "aws_iam_policy_document" "permissions" {
  # No logs:CreateLogGroup: a group created by accident would keep logs for ever.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  # To the failures queue it is Lambda that sends, but with the function's role.
  statement {
    sid       = "SendToQueues"
    actions   = ["sqs:SendMessage"]
    resources = concat(var.sends_to, [module.failures_queue.arn])
  }

  # Sending to an encrypted queue takes both: a data key is made, and one that SQS still has is
  # decrypted. ("Amazon SQS Key management" in SQS's developer guide.)
  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

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
