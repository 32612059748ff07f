# Lets a tool find the stack by its name alone, without Terraform, its state or its configuration.
# Written last, since its value names every part: whoever can read it finds a stack that is there.
resource "aws_ssm_parameter" "this" {
  name        = "/submitter/${var.name}/stack"
  description = "Where the parts of the stack ${var.name} are, as JSON; written by Terraform."
  type        = "String"
  value       = jsonencode(merge(var.stack, { name = var.name }))
}
