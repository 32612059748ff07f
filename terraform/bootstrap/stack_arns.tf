# ARNs of each stack's resources: patterns that begin with the stack's name, and full names for its functions.
locals {
  arns = {
    for environment, stack in var.stacks : environment => {
      bucket     = "arn:${local.partition}:s3:::${stack}-*"
      queues     = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${stack}-*"
      functions  = [for name in var.functions : "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${stack}-${name}"]
      log_groups = [for name in var.functions : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${stack}-${name}"]
      alarms     = "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${stack}-*"
      dashboard  = "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${stack}"
      roles      = [for name in var.functions : "arn:${local.partition}:iam::${local.account_id}:role/${stack}-${name}-${local.region}"]
      policies   = [for name in ["back-end", "operator", "repairing-operator", "uploader"] : "arn:${local.partition}:iam::${local.account_id}:policy/${stack}-${name}-${local.region}"]
      boundary   = "arn:${local.partition}:iam::${local.account_id}:policy${local.path}${stack}-boundary-${local.region}"
      parameter  = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/submitter/${stack}/stack"
      state      = "${local.state_bucket_arn}/${stack}.tfstate"
      state_lock = "${local.state_bucket_arn}/${stack}.tfstate.tflock"
    }
  }

  log_groups = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:*"
  keys       = "arn:${local.partition}:kms:${local.region}:${local.account_id}:key/*"
}
