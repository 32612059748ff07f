# Lets a tool find the stack by its name, without Terraform. It is written after the notification, so
# a stack that has it announces uploads.
resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:names and addresses, no secrets; a SecureString would only need one more right to read
  name        = "/submitter/${var.name}/stack"
  description = "Where the parts of the stack ${var.name} are, as JSON; written by Terraform."
  type        = "String"
  value       = jsonencode(merge(var.stack, { name = var.name }))
}
