# ARNs of each stack's resources: patterns that begin with the stack's name, and full names for its functions.
locals {
  # Their names begin with the stack's. The grader is there if the stack has `grading`.
  functions = ["intake", "grader"]

  arns = {
    for environment, stack in var.stacks : environment => {
      bucket     = "arn:${local.partition}:s3:::${stack}-*"
      queues     = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${stack}-*"
      functions  = { for name in local.functions : name => "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${stack}-${name}" }
      log_groups = { for name in local.functions : name => "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${stack}-${name}" }
      alarms     = "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${stack}-*"
      dashboard  = "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${stack}"
      roles      = { for name in local.functions : name => "arn:${local.partition}:iam::${local.account_id}:role/${stack}-${name}-${local.region}" }
      policies   = [for name in ["author", "back-end", "gradebook-reader", "operator", "repairing-operator", "results-reader", "uploader"] : "arn:${local.partition}:iam::${local.account_id}:policy/${stack}-${name}-${local.region}"]
      boundaries = { for name, part in { intake = "", grader = "-grader" } : name => "arn:${local.partition}:iam::${local.account_id}:policy${local.path}${stack}${part}-boundary-${local.region}" }
      parameter  = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/submitter/${stack}/stack"
      state      = "${local.state_bucket_arn}/${stack}.tfstate"
      state_lock = "${local.state_bucket_arn}/${stack}.tfstate.tflock"
    }
  }

  log_groups = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:*"
  # Lambda gives a mapping a number for a name.
  mappings = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:event-source-mapping:*"
  keys     = "arn:${local.partition}:kms:${local.region}:${local.account_id}:key/*"
}
