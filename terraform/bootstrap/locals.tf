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

  # ARNs are built from names here and in stack_arns.tf, so that a plan shows the full policies.
  # The bucket's name begins with a digit, as no stack's name does: no stack's roles can change it.
  state_bucket_name = "${local.account_id}-submitter-state-${local.region}"
  state_bucket_arn  = "arn:${local.partition}:s3:::${local.state_bucket_name}"

  # A session's ARN has the role's name without its path.
  session_role = try(regex(":assumed-role/([^/]+)/", data.aws_caller_identity.current.arn)[0], null)
  applier_arns = local.session_role == null ? [data.aws_caller_identity.current.arn] : [
    for path in ["", "*/"] : "arn:${local.partition}:iam::${local.account_id}:role/${path}${local.session_role}"
  ]
  administrator_arns = length(var.administrator_arns) > 0 ? var.administrator_arns : local.applier_arns
  deploy_role_arns = [
    for stack in values(var.stacks) :
    "arn:${local.partition}:iam::${local.account_id}:role${local.path}${stack}-deploy-${local.region}"
  ]

  # A separate path, so that no stack's deploy role can change the roles of this root.
  path = "/bootstrap/"
}
