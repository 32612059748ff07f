data "aws_caller_identity" "current" {}

# `id` is the region's name in both major versions of the provider; 6 deprecates `name`, and 5 lacks
# `region`.
data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  context = {
    stack      = var.name
    account_id = data.aws_caller_identity.current.account_id
    region     = data.aws_region.current.id
    partition  = data.aws_partition.current.partition
  }

  # An object, so that a plan knows whether there is a key before the key has an ARN.
  key = var.customer_managed_key ? { arn = one(module.encryption_key[*].arn) } : null

  # The stack's name, known after IAM has created its role: IAM refuses a second stack with the same name.
  # SQS and CloudWatch would give the second stack the first one's queues and alarms, and destroying it
  # would delete them.
  name = module.intake_function.stack_name

  # Bucket names are unique across all AWS accounts, so the stack's name alone could be taken.
  bucket_name = coalesce(var.bucket_name, "${local.name}-${local.context.account_id}-${local.context.region}")

  # Relative: an absolute path differs between machines, and would show up in every plan.
  package_path = coalesce(var.package_path, "${path.root}/../build/submission_intake.zip")

  function_name = "${var.name}-intake"
  grader_name   = "${var.name}-grader"

  # A message that is being graded must stay hidden until Lambda has surely given up; Lambda refuses less than
  # the function's timeout. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  visibility_timeout_seconds = coalesce(var.visibility_timeout_seconds, try(6 * var.grading.timeout_seconds, 300))

  # Settings have the names, to keep account numbers out of the repository.
  policy_arn_prefix        = "arn:${local.context.partition}:iam::${local.context.account_id}:policy/"
  permissions_boundary_arn = var.permissions_boundary_name == null ? null : "${local.policy_arn_prefix}${var.permissions_boundary_name}"
  grader_boundary_arn      = try(var.grading.permissions_boundary_name, null) == null ? null : "${local.policy_arn_prefix}${var.grading.permissions_boundary_name}"

  # They may delete versions, because submitter removes its round trips.
  repairing_operator_arns = concat(var.repairing_operator_arns, var.further_repairing_operator_arns)

  tags = merge(var.tags, {
    Project = "submitter"
    Stack   = var.name
  })
}
