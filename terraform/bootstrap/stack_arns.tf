# What a stack is made of, as far as its names tell: all that begins with its name. The actions that know
# no resource of their own, or are asked of all resources whatever they name, are those of "listing".
locals {
  arns = {
    for environment, stack in var.stacks : environment => {
      bucket     = "arn:${local.partition}:s3:::${stack}-*"
      queues     = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${stack}-*"
      function   = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${stack}-intake"
      log_group  = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${stack}-intake"
      alarms     = "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${stack}-*"
      dashboard  = "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${stack}"
      role       = "arn:${local.partition}:iam::${local.account_id}:role/${stack}-intake-${local.region}"
      policies   = "arn:${local.partition}:iam::${local.account_id}:policy/${stack}-*"
      boundary   = "arn:${local.partition}:iam::${local.account_id}:policy${local.path}${stack}-boundary-${local.region}"
      parameter  = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/submitter/${stack}/stack"
      alias      = "arn:${local.partition}:kms:${local.region}:${local.account_id}:alias/${stack}"
      state      = "${local.state_bucket_arn}/${stack}.tfstate"
      state_lock = "${local.state_bucket_arn}/${stack}.tfstate.tflock"
    }
  }

  log_groups = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:*"
  keys       = "arn:${local.partition}:kms:${local.region}:${local.account_id}:key/*"
}
