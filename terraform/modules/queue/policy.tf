# A local, because a plan can't show a policy document that refers to a resource which changes.
locals {
  arns = { for name, queue in aws_sqs_queue.this : name => queue.arn }
}

# A queue has ONE policy: add statements here.
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

  # A Deny, because an Allow would not keep out principals whose own policies let them send. For a
  # role, aws:PrincipalArn is the role, not the session ("AWS global condition context keys"). It also
  # denies AWS services that act for themselves, because they have no such key.
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
