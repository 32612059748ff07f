# Partial: bucket, key and region come from `terraform init -backend-config=...`, because a state
# bucket belongs to an account and not to this code. Local runs leave this file out.
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
