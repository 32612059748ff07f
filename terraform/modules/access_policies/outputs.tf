output "policies" {
  description = "Managed policies by principal (uploader, results_reader, back_end, author, gradebook_reader, operator, repairing_operator): each policy's ARN, and its document as JSON."
  value = {
    for name, policy in aws_iam_policy.this : name => { arn = policy.arn, json = local.documents[name] }
  }
}
