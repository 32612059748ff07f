locals {
  submissions_arn = "${var.bucket_arn}/submissions/*"
  output_arn      = "${var.bucket_arn}/output/*"
  events_arn      = "${var.bucket_arn}/events/*"

  stack_parameter_arn = "arn:${var.context.partition}:ssm:${var.context.region}:${var.context.account_id}:parameter${var.stack_parameter_name}"

  # As kms:ViaService names them: a principal can use the key only through these services.
  s3_service  = "s3.${var.context.region}.amazonaws.com"
  sqs_service = "sqs.${var.context.region}.amazonaws.com"

  documents = {
    uploader           = data.aws_iam_policy_document.uploader.json
    results_reader     = data.aws_iam_policy_document.results_reader.json
    back_end           = data.aws_iam_policy_document.back_end.json
    author             = data.aws_iam_policy_document.author.json
    gradebook_reader   = data.aws_iam_policy_document.gradebook_reader.json
    operator           = data.aws_iam_policy_document.operator.json
    repairing_operator = data.aws_iam_policy_document.repairing_operator.json
  }

  descriptions = {
    uploader           = "Puts submissions into the stack ${var.context.stack}."
    results_reader     = "Reads students' results in the stack ${var.context.stack}, and not the staff's."
    back_end           = "Takes the messages of the stack ${var.context.stack}, reads submissions, writes results."
    author             = "Publishes problems in the stack ${var.context.stack}, and has submissions graded again."
    gradebook_reader   = "Reads submissions' data, problems and results in the stack ${var.context.stack}, and no code."
    operator           = "Looks at the stack ${var.context.stack} with submitter, and changes nothing."
    repairing_operator = "Looks at the stack ${var.context.stack} with submitter, and repairs it."
  }

  attachments = merge([
    for policy, arns in var.principal_arns : {
      for arn in arns : "${policy} ${arn}" => {
        policy = policy
        kind   = split("/", split(":", arn)[5])[0]
        name   = reverse(split("/", arn))[0] # an attachment takes the name without the path
      }
    }
  ]...)
}

resource "aws_iam_policy" "this" {
  for_each = local.documents

  # The region, because policies' names are unique in an account.
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
  #checkov:skip=CKV_AWS_40:only users that a variable names; a front end outside AWS may have no role to assume
  for_each = { for key, each in local.attachments : key => each if each.kind == "user" }

  user       = each.value.name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}
