# What neither role of an environment may do, whatever a policy gives it: a deploy role can write policies of
# buckets, queues, functions and keys, and must gain nothing by that. Who may do what it can't change either.
data "aws_iam_policy_document" "denying" {
  for_each = local.arns

  statement {
    sid           = "DenyObjects"
    effect        = "Deny"
    not_resources = [each.value.state, each.value.state_lock]

    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject*",
      "s3:GetObject*",
      "s3:ListMultipartUploadParts",
      "s3:PutObject*",
      "s3:ReplicateDelete",
      "s3:ReplicateObject",
      "s3:RestoreObject",
    ]
  }

  statement {
    sid       = "DenyDataAndOthersRights"
    effect    = "Deny"
    resources = ["*"]

    actions = [
      "iam:AttachGroupPolicy",
      "iam:AttachRolePolicy",
      "iam:AttachUserPolicy",
      "iam:CreatePolicyVersion",
      "iam:DeleteRolePermissionsBoundary",
      "iam:PutGroupPolicy",
      "iam:PutUserPolicy",
      "iam:SetDefaultPolicyVersion",
      "iam:UpdateAssumeRolePolicy",
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
      "lambda:Invoke*",
      "logs:*Events",
      "logs:GetLogRecord",
      "logs:PutSubscriptionFilter",
      "logs:StartLiveTail",
      "logs:StartQuery",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:PurgeQueue",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
      "sqs:StartMessageMoveTask",
      "sts:AssumeRole",
    ]
  }
}

resource "aws_iam_policy" "denying" {
  for_each = var.stacks

  name        = "${each.value}-denying-${local.region}"
  path        = local.path
  description = "Keeps the workflows of the stack ${each.value} from its data, and from the rights of others."
  policy      = data.aws_iam_policy_document.denying[each.key].json
}

resource "aws_iam_role_policy_attachment" "denying" {
  for_each = local.roles

  role       = aws_iam_role.workflow[each.key].name
  policy_arn = aws_iam_policy.denying[each.value.environment].arn
}
