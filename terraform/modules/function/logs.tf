# Lambda would create this group itself, but one that keeps logs for ever and that no destroy removes.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:it holds keys and version ids, no contents; CloudWatch encrypts it with its own key unless customer_managed_key asks for another
  #checkov:skip=CKV_AWS_338:log_retention_days decides; the log names students' submissions, so a term's length is kept unless a course needs more
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = try(var.key.arn, null)
}
