# Lets GitHub's workflows assume roles with GitHub's tokens instead of stored keys.
# https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Each environment's two roles, and the tokens that each trusts.
locals {
  repository_id = coalesce(var.repository_id, try(regex("@([0-9]+)$", var.repository)[0], null), "none")

  roles = merge([
    for environment, stack in var.stacks : {
      "${environment}-plan" = {
        environment = environment
        stack       = stack
        name        = "${stack}-plan"
        description = "Lets workflows of ${var.repository} plan the stack ${stack}, and change nothing."
        # A fork's pull request gets no token, so only people who can push a branch get this role.
        subjects = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/${var.branch}"]
        refs     = []
        changes  = false
      }
      "${environment}-deploy" = {
        environment = environment
        stack       = stack
        name        = "${stack}-deploy"
        description = "Lets workflows of ${var.repository} deploy the stack ${stack}, once that is approved."
        # Only a job of the environment, which waits for the environment's reviewers. Only on the branch,
        # because an unprotected environment accepts every branch.
        subjects = ["repo:${var.repository}:environment:${environment}"]
        refs     = ["refs/heads/${var.branch}"]
        changes  = true
      }
    }
  ]...)
}

data "aws_iam_policy_document" "trust" {
  for_each = local.roles

  statement {
    sid     = "AssumeByWorkflows"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = each.value.subjects
    }

    # Another repository can get the same name later, but never the same number.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:repository_id"
      values   = [local.repository_id]
    }

    dynamic "condition" {
      for_each = length(each.value.refs) > 0 ? ["ref"] : []

      content {
        test     = "StringEquals"
        variable = "${local.issuer}:ref"
        values   = each.value.refs
      }
    }
  }
}

resource "aws_iam_role" "workflow" {
  for_each = local.roles

  name                 = "${each.value.name}-${local.region}"
  path                 = local.path
  description          = each.value.description
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = 3600
}
