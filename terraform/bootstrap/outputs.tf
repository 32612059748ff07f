output "state_bucket_name" {
  description = "Bucket of the states of every stack and of this root: STATE_BUCKET for make plan and for the workflows."
  value       = aws_s3_bucket.state.bucket
}

output "backend" {
  description = "This root's backend: write it into backend.tf to move this root's state into the bucket."
  value       = <<-EOT
    terraform {
      backend "s3" {
        bucket       = "${aws_s3_bucket.state.bucket}"
        key          = "bootstrap.tfstate"
        region       = "${local.region}"
        encrypt      = true
        use_lockfile = true
      }
    }
  EOT
}

output "plan_role_arns" {
  description = "The role that plans, for each environment: the repository's variable <ENVIRONMENT>_PLAN_ROLE_ARN in GitHub, such as PROD_PLAN_ROLE_ARN."
  value       = { for environment in keys(var.stacks) : environment => aws_iam_role.workflow["${environment}-plan"].arn }
}

output "deploy_role_arns" {
  description = "The role that deploys, for each environment: the variable DEPLOY_ROLE_ARN of the environment in GitHub."
  value       = { for environment in keys(var.stacks) : environment => aws_iam_role.workflow["${environment}-deploy"].arn }
}

output "permissions_boundary_names" {
  description = "Permissions boundary of the intake's role, for each environment: permissions_boundary_name in its .tfvars. The deploy role can't create the role without it."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => trimprefix("${policy.path}${policy.name}", "/") }
}

output "grader_permissions_boundary_names" {
  description = "Permissions boundary of the grader's role, for each environment: permissions_boundary_name of grading in its .tfvars. The deploy role can't create the role without it."
  value       = { for environment, policy in aws_iam_policy.grader_boundary : environment => trimprefix("${policy.path}${policy.name}", "/") }
}
