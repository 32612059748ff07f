data "aws_caller_identity" "current" {}

# Its `id` is the region's name in both major versions of the provider; `name` is deprecated in 6
# and `region` is unknown to 5.
data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  context = {
    stack      = var.name
    account_id = data.aws_caller_identity.current.account_id
    region     = data.aws_region.current.id
    partition  = data.aws_partition.current.partition
  }

  # Null without one, so that what depends on there being a key is known before the key is made.
  key = var.customer_managed_key ? { arn = one(module.encryption_key[*].arn) } : null

  # The stack's name, once IAM has made its role and so refused a second stack of the name. SQS and
  # CloudWatch would hand that one the queues and alarms that are there, and its destroy would delete them.
  name = module.intake_function.stack_name

  # Bucket names are shared by all AWS accounts, so the stack's name alone would soon be taken.
  bucket_name = coalesce(var.bucket_name, "${local.name}-${local.context.account_id}-${local.context.region}")

  # Relative on purpose: an absolute path would differ between machines and show up in every plan.
  package_path = coalesce(var.package_path, "${path.root}/../build/submission_intake.zip")

  function_name = "${var.name}-intake"

  # By name in the settings, because an account's number has no place in a repository.
  permissions_boundary_arn = var.permissions_boundary_name == null ? null : "arn:${local.context.partition}:iam::${local.context.account_id}:policy/${var.permissions_boundary_name}"

  # Those who may delete a version for good: submitter removes its own round trips.
  repairing_operator_arns = concat(var.repairing_operator_arns, var.further_repairing_operator_arns)

  tags = merge(var.tags, {
    Project = "submitter"
    Stack   = var.name
  })
}
