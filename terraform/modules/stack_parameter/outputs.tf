output "name" {
  description = "Name of the SSM parameter that describes the stack."
  value       = aws_ssm_parameter.this.name
}
