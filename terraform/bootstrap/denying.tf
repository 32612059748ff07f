# Denies each role every action that its own policies do not name. The deploy role writes policies of a bucket,
# queues and a function, which could give it more; they cannot undo a denial.
locals {
  role_actions = {
    for key, role in local.roles : key => distinct(flatten([
      for document in concat(
        [data.aws_iam_policy_document.reading[role.environment]],
        role.changes ? [data.aws_iam_policy_document.changing[role.environment]] : [],
      ) : [for statement in document.statement : tolist(statement.actions)]
    ]))
  }
}

# sts:GetCallerIdentity, which Terraform calls first, cannot be denied.
data "aws_iam_policy_document" "denying" {
  for_each = local.roles

  statement {
    sid         = "DenyAllElse"
    effect      = "Deny"
    not_actions = local.role_actions[each.key]
    resources   = ["*"]
  }

  # The state and its lock are the only objects that a role needs.
  statement {
    sid           = "DenyOtherObjects"
    effect        = "Deny"
    actions       = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    not_resources = [local.arns[each.value.environment].state, local.arns[each.value.environment].state_lock]
  }
}

resource "aws_iam_policy" "denying" {
  for_each = local.roles

  name        = "${each.value.name}-denying-${local.region}"
  path        = local.path
  description = "Denies every action that the role ${each.value.name} does not need."
  policy      = data.aws_iam_policy_document.denying[each.key].json
}

resource "aws_iam_role_policy_attachment" "denying" {
  for_each = local.roles

  role       = aws_iam_role.workflow[each.key].name
  policy_arn = aws_iam_policy.denying[each.key].arn
}
