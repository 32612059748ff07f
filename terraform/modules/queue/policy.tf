# A document that names a resource directly is rendered during the apply whenever that resource changes,
# and the plan can't show the policy. Naming a local avoids that.
locals {
  arns = { for name, queue in aws_sqs_queue.this : name => queue.arn }
}

# A queue has ONE policy, so every statement about it has to come through here.
data "aws_iam_policy_document" "this" {
  for_each = local.queues

  statement {
    sid       = "DenyWithoutTLS"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.arns[each.key]]

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
    for_each = length(each.value.sender_arns) > 0 ? ["senders"] : []

    content {
      sid       = "DenyOtherSenders"
      effect    = "Deny"
      actions   = ["sqs:SendMessage"]
      resources = [local.arns[each.key]]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = each.value.sender_arns
      }
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].url
  policy    = data.aws_iam_policy_document.this[each.key].json
}
