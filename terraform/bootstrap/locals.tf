data "aws_caller_identity" "current" {}

# Its `id` is the region's name in both major versions of the provider.
data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.id
  partition  = data.aws_partition.current.partition

  issuer            = "token.actions.githubusercontent.com"
  oidc_provider_arn = one(concat(aws_iam_openid_connect_provider.github[*].arn, compact([var.oidc_provider_arn])))

  # ARNs are put together here and in stack_arns.tf, so that a plan shows the policies as they will be.
  # A stack's roles change what begins with its name, and no stack's name begins with a digit.
  state_bucket_name = "${local.account_id}-submitter-state-${local.region}"
  state_bucket_arn  = "arn:${local.partition}:s3:::${local.state_bucket_name}"

  # A session's ARN has its role's name, without the path.
  session_role = try(regex(":assumed-role/([^/]+)/", data.aws_caller_identity.current.arn)[0], null)
  whoever_applies = local.session_role == null ? [data.aws_caller_identity.current.arn] : [
    for path in ["", "*/"] : "arn:${local.partition}:iam::${local.account_id}:role/${path}${local.session_role}"
  ]
  administrator_arns = length(var.administrator_arns) > 0 ? var.administrator_arns : local.whoever_applies
  deploy_role_arns = [
    for stack in values(var.stacks) :
    "arn:${local.partition}:iam::${local.account_id}:role${local.path}${stack}-deploy-${local.region}"
  ]

  # Roles of this root are under a path of their own, so that no stack's name covers them.
  path = "/bootstrap/"
}
