# A document that names a resource directly is rendered during the apply whenever that resource changes,
# and the plan can't show the policy. Naming a local avoids that.
locals {
  arn = aws_sqs_queue.this.arn
}

# A queue has ONE policy, so every statement about it has to come through here.
data "aws_iam_policy_document" "this" {
  source_policy_documents = var.source_policy_documents

  statement {
    sid       = "DenyWithoutTLS"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A Deny, because an Allow here would not keep out those whom the account's own policies let send.
  # For a role aws:PrincipalArn is the role, not the session ("AWS global condition context keys").
  # Who has no such key, a service in its own name, is denied too.
  dynamic "statement" {
    for_each = length(var.sender_arns) > 0 ? ["senders"] : []

    content {
      sid       = "DenyOtherSenders"
      effect    = "Deny"
      actions   = ["sqs:SendMessage"]
      resources = [local.arn]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = var.sender_arns
      }
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.url
  policy    = data.aws_iam_policy_document.this.json
}
