locals {
  submissions_arn = "${var.bucket_arn}/submissions/*"
  output_arn      = "${var.bucket_arn}/output/*"

  # As kms:ViaService names them: the key serves these services alone, not whoever has the policy.
  s3_service  = "s3.${var.context.region}.amazonaws.com"
  sqs_service = "sqs.${var.context.region}.amazonaws.com"

  documents = {
    uploader           = data.aws_iam_policy_document.uploader.json
    back_end           = data.aws_iam_policy_document.back_end.json
    operator           = data.aws_iam_policy_document.operator.json
    repairing_operator = data.aws_iam_policy_document.repairing_operator.json
  }

  descriptions = {
    uploader           = "Puts submissions into the stack ${var.context.stack}."
    back_end           = "Takes the messages of the stack ${var.context.stack}, reads submissions, writes results."
    operator           = "Looks at the stack ${var.context.stack} with submitter, and changes nothing."
    repairing_operator = "Looks at the stack ${var.context.stack} with submitter, and repairs it."
  }

  attachments = merge([
    for policy, arns in var.principal_arns : {
      for arn in arns : "${policy} ${arn}" => {
        policy = policy
        kind   = split("/", split(":", arn)[5])[0]
        name   = reverse(split("/", arn))[0] # an ARN has the path too, an attachment only the name
      }
    }
  ]...)
}

resource "aws_iam_policy" "this" {
  for_each = local.documents

  # Policies are an account's, not a region's, as the function's role is.
  name        = "${var.context.stack}-${replace(each.key, "_", "-")}-${var.context.region}"
  description = local.descriptions[each.key]
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = { for key, each in local.attachments : key => each if each.kind == "role" }

  role       = each.value.name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}

resource "aws_iam_user_policy_attachment" "this" {
  #checkov:skip=CKV_AWS_40:nobody is attached unless a variable names the user; a front end outside AWS may have no role to take
  for_each = { for key, each in local.attachments : key => each if each.kind == "user" }

  user       = each.value.name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}
