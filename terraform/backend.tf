# Bucket, key and region come from `terraform init -backend-config=...`, because each account has its
# own state bucket. Runs on an emulator leave this file out.
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
