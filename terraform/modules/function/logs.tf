# Lambda would create this group itself, but that one would keep logs for ever, and survive `terraform destroy`.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:it has keys and version ids, no contents; CloudWatch encrypts it with its own key unless customer_managed_key is set
  #checkov:skip=CKV_AWS_338:log_retention_days decides; the log names students' submissions, so the default is a term and not a year
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = try(var.key.arn, null)
}
