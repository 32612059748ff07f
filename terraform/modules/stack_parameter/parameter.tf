# Lets a tool find the stack by its name alone, without Terraform, its state or its configuration.
# Its value names the parts as they are once they work together, so a stack that is found by it is
# one that announces.
resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:names and addresses, which terraform output shows too; a SecureString would only need one more right to read
  name        = "/submitter/${var.name}/stack"
  description = "Where the parts of the stack ${var.name} are, as JSON; written by Terraform."
  type        = "String"
  value       = jsonencode(merge(var.stack, { name = var.name }))
}
