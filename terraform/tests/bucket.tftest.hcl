# The bucket module, with overridden resources: its policy names the bucket, and has no text before the bucket exists.

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

run "bucket_keeps_everything_and_lets_nobody_else_in" {
  command = apply

  module {
    source = "./modules/submitter_bucket"
  }

  override_resource {
    target = aws_s3_bucket.this
    values = { arn = "arn:aws:s3:::course", id = "course" }
  }
  override_resource { target = aws_s3_bucket_policy.this }
  override_resource { target = aws_s3_bucket_versioning.this }
  override_resource { target = aws_s3_bucket_server_side_encryption_configuration.this }
  override_resource { target = aws_s3_bucket_public_access_block.this }
  override_resource { target = aws_s3_bucket_ownership_controls.this }
  override_resource { target = aws_s3_bucket_lifecycle_configuration.this }

  variables {
    name                              = "course"
    force_destroy                     = false
    noncurrent_version_retention_days = 90
    multipart_abort_days              = 7
    context                           = { account_id = "123456789012" }
    version_deleter_arns              = ["arn:aws:iam::123456789012:role/archivist"]
    key                               = { arn = "arn:aws:kms:us-west-2:123456789012:key/1" }
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.this.force_destroy
    error_message = "Versioning is on, and a bucket with objects is not destroyed."
  }

  assert {
    condition     = flatten(aws_s3_bucket_lifecycle_configuration.this.rule[*].noncurrent_version_expiration[*].noncurrent_days) == [90]
    error_message = "Replaced versions are kept for the given number of days."
  }

  assert {
    condition = alltrue([
      for expiration in flatten(aws_s3_bucket_lifecycle_configuration.this.rule[*].expiration) :
      coalesce(expiration.days, 0) == 0 && expiration.date == null && expiration.expired_object_delete_marker
    ])
    error_message = "No current object expires."
  }

  assert {
    condition = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled && one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default) == {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "arn:aws:kms:us-west-2:123456789012:key/1"
    }
    error_message = "The given key encrypts it."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(data.aws_iam_policy_document.this.json).Statement : statement.Effect == "Deny" && statement.Principal == "*"
    ])
    error_message = "The bucket's policy allows nothing."
  }

  assert {
    condition = { for statement in jsondecode(data.aws_iam_policy_document.this.json).Statement : statement.Sid => statement.Condition } == {
      DenyWithoutTLS           = { Bool = { "aws:SecureTransport" = "false" } }
      DenyOtherAccounts        = { StringNotEquals = { "aws:PrincipalAccount" = "123456789012" }, BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
      DenyVersionDeletion      = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/archivist" } }
      DenyOtherEncryption      = { Null = { "s3:x-amz-server-side-encryption" = "false" }, StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "arn:aws:kms:us-west-2:123456789012:key/1" } }
      DenyCustomerProvidedKeys = { Null = { "s3:x-amz-server-side-encryption-customer-algorithm" = "false" } }
      DenyOtherStorageClasses  = { Null = { "s3:x-amz-storage-class" = "false" }, StringNotEquals = { "s3:x-amz-storage-class" = "STANDARD" } }
    }
    error_message = "The policy denies requests without TLS, other accounts, the deletion of versions, other encryption and archives."
  }
}
