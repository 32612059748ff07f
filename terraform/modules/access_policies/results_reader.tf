# A front end that shows students their results: it reads nothing else, and lists nothing.
data "aws_iam_policy_document" "results_reader" {
  # 32 characters are a subid. So the staff's result beside it, staff.json, is left out: its name is too short, and
  # a question mark would have to stand for the slash in the middle of a subid.
  statement {
    sid       = "ReadStudentsResults"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/output/*/${local.any_subid}.json"]
  }

  dynamic "statement" {
    for_each = var.key == null ? [] : ["key"]

    content {
      sid       = "DecryptResults"
      actions   = ["kms:Decrypt"]
      resources = [var.key.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }
}

locals {
  any_subid = join("", [for _ in range(32) : "?"])
}
