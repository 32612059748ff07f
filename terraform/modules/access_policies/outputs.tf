output "policies" {
  description = "The managed policies by principal (uploader, back_end, operator, repairing_operator), each with its ARN and its document as JSON."
  value = {
    for name, policy in aws_iam_policy.this : name => { arn = policy.arn, json = local.documents[name] }
  }
}
