output "state_bucket_name" {
  description = "Bucket of every stack's state, and of this root's: STATE_BUCKET for make plan and for the workflows."
  value       = aws_s3_bucket.state.bucket
}

output "backend" {
  description = "This root's own backend: written into backend.tf, it moves this root's state into the bucket too."
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
  description = "What no role of a stack may go beyond, for each environment: permissions_boundary_name in its .tfvars. The deploy role makes no role without it."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => trimprefix("${policy.path}${policy.name}", "/") }
}
