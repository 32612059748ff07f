# The bootstrap: a state bucket that keeps everything, and roles with no more rights than they need.

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012", arn = "arn:aws:sts::123456789012:assumed-role/administrator/me" }
}

variables {
  repository = "example-university@123456/submitter@456789"
  # Created here, it would have its ARN only after the apply, and a plan could not show the roles' trust.
  oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

run "state_is_versioned_encrypted_and_private" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "123456789012-submitter-state-us-west-2"
    error_message = "The bucket is named after the account and the region."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Overwritten states are kept."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "A state is encrypted."
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.state.block_public_acls &&
      aws_s3_bucket_public_access_block.state.block_public_policy &&
      aws_s3_bucket_public_access_block.state.ignore_public_acls &&
      aws_s3_bucket_public_access_block.state.restrict_public_buckets
    )
    error_message = "Nothing makes the bucket public."
  }

  assert {
    condition = jsonencode({
      for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement : statement.Sid => [statement.Effect, statement.Action, try(statement.Condition, null)]
      }) == jsonencode({
      DenyWithoutTLS      = ["Deny", "s3:*", { Bool = { "aws:SecureTransport" = "false" } }]
      DenyVersionDeletion = ["Deny", "s3:DeleteObjectVersion", null]
      DenyOtherAccounts = ["Deny", "s3:*", {
        StringNotEquals = { "aws:PrincipalAccount" = "123456789012" }
        BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
      }]
      DenyOtherWriters = ["Deny", ["s3:RestoreObject", "s3:ReplicateObject", "s3:ReplicateDelete", "s3:PutObject", "s3:DeleteObject"], {
        ArnNotLike = { "aws:PrincipalArn" = [
          "arn:aws:iam::123456789012:role/bootstrap/submitter-dev-deploy-us-west-2",
          "arn:aws:iam::123456789012:role/bootstrap/submitter-prod-deploy-us-west-2",
          "arn:aws:iam::123456789012:role/administrator",
          "arn:aws:iam::123456789012:role/*/administrator",
        ] }
      }]
      DenyOtherKeepers = ["Deny", ["s3:PutReplicationConfiguration", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"], {
        ArnNotLike = { "aws:PrincipalArn" = [
          "arn:aws:iam::123456789012:role/administrator",
          "arn:aws:iam::123456789012:role/*/administrator",
        ] }
      }]
    })
    error_message = "Deploy roles and administrators write states, only administrators change how they are kept, nobody removes old ones, and no other account has access."
  }

  assert {
    condition     = strcontains(output.backend, "use_lockfile = true") && strcontains(output.backend, aws_s3_bucket.state.bucket)
    error_message = "This root's own state goes into the bucket, and is locked there."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account has one provider for GitHub: no second one is created."
  }
}

run "an_account_without_a_provider_for_github_gets_one" {
  command = plan

  variables {
    oidc_provider_arn = null
  }

  assert {
    condition = (
      aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" &&
      aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    )
    error_message = "GitHub's tokens for AWS are accepted."
  }
}

run "administrators_who_are_named_write_states_instead" {
  command = plan

  variables {
    administrator_arns = ["arn:aws:iam::123456789012:user/ops"]
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.state.policy, ":user/ops") && !strcontains(aws_s3_bucket_policy.state.policy, "role/administrator")
    error_message = "Named administrators alone write states: the applying role only if it is named."
  }
}

run "a_role_trusts_its_own_workflow_alone" {
  command = plan

  assert {
    condition     = toset(keys(aws_iam_role.workflow)) == toset(["dev-plan", "dev-deploy", "prod-plan", "prod-deploy"])
    error_message = "Each environment has a role that plans and one that deploys."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.workflow : alltrue([
        for statement in jsondecode(role.assume_role_policy).Statement :
        statement.Principal == { Federated = var.oidc_provider_arn } &&
        statement.Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
      ])
    ])
    error_message = "Only GitHub's workflows assume a role."
  }

  assert {
    condition     = jsondecode(aws_iam_role.workflow["prod-deploy"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example-university@123456/submitter@456789:environment:prod"
    error_message = "Only a job of the environment deploys it, because that job waits for reviewers."
  }

  assert {
    condition = toset(jsondecode(aws_iam_role.workflow["dev-plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == toset([
      "repo:example-university@123456/submitter@456789:pull_request",
      "repo:example-university@123456/submitter@456789:ref:refs/heads/main",
    ])
    error_message = "Pull requests and the branch plan."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.workflow :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:repository_id"] == "456789"
    ])
    error_message = "The trust also checks the repository's number."
  }

  assert {
    condition     = jsondecode(aws_iam_role.workflow["prod-deploy"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:ref"] == "refs/heads/main"
    error_message = "An unprotected environment deploys only the branch."
  }
}

run "plan_role_reads_and_does_nothing_else" {
  command = plan

  variables {
    principal_arns = { prod = [for number in range(4) : "arn:aws:iam::123456789012:role/course-${number}"] }
  }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.reading["dev"].json, "role/course-")
    error_message = "Each environment's plan role reads its own principals."
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement : statement.Action])),
      toset([
        "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRole",
        "iam:DetachRolePolicy", "iam:DetachUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy"
      ])
    )) == 0
    error_message = "A deployment cannot change roles and policies."
  }

  # Every action that a role's own policies do not name is denied, so that no resource's policy can give it.
  assert {
    condition = alltrue([
      for key, documents in {
        prod-plan   = [data.aws_iam_policy_document.reading["prod"]]
        prod-deploy = [data.aws_iam_policy_document.reading["prod"], data.aws_iam_policy_document.changing["prod"]]
        } : jsonencode([
          for statement in jsondecode(data.aws_iam_policy_document.denying[key].json).Statement :
          merge(statement, { NotAction = sort(try(statement.NotAction, [])) })
          ]) == jsonencode([
          {
            Sid       = "DenyAllElse"
            Effect    = "Deny"
            Resource  = "*"
            NotAction = sort(distinct(flatten([for document in documents : [for statement in jsondecode(document.json).Statement : statement.Action]])))
          },
          {
            Sid         = "DenyOtherObjects"
            Effect      = "Deny"
            Action      = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
            NotAction   = []
            NotResource = ["arn:aws:s3:::123456789012-submitter-state-us-west-2/submitter-prod.tfstate.tflock", "arn:aws:s3:::123456789012-submitter-state-us-west-2/submitter-prod.tfstate"]
          },
      ])
    ])
    error_message = "A role is denied every other action."
  }

  assert {
    condition = toset([
      for action in flatten([for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement : statement.Action]) : action
      if can(regex("^kms:|:(Delete|Remove)", action))
      ]) == toset([
      "cloudwatch:DeleteAlarms",
      "lambda:DeleteFunctionConcurrency",
      "lambda:RemovePermission",
      "logs:DeleteRetentionPolicy",
      "s3:DeleteObject",
      "ssm:RemoveTagsFromResource",
    ])
    error_message = "Only an administrator removes resources that hold data, announce or encrypt."
  }

  assert {
    condition = alltrue([
      for key, attachment in aws_iam_role_policy_attachment.denying : attachment.role == aws_iam_role.workflow[key].name
    ]) && toset(keys(aws_iam_role_policy_attachment.denying)) == toset(keys(aws_iam_role.workflow))
    error_message = "These actions are denied to each role."
  }

  assert {
    condition = [
      for statement in jsondecode(data.aws_iam_policy_document.boundary["prod"].json).Statement : statement
      if statement.Effect == "Deny"
      ] == [{
        Sid       = "DenyAllElse"
        Effect    = "Deny"
        Resource  = "*"
        NotAction = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "sqs:SendMessage", "logs:PutLogEvents", "logs:CreateLogStream", "kms:GenerateDataKey", "kms:Decrypt"]
    }]
    error_message = "No bucket policy can let the intake read submissions."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement :
      statement.Condition == {
        StringEqualsIfExists = { "aws:ResourceAccount" = "123456789012" }
        StringEquals         = { "aws:RequestedRegion" = "us-west-2" }
      } if statement.Sid == "ChangeBucket"
    ])
    error_message = "The rights exclude buckets with the stack's name in another account or region."
  }

  assert {
    condition = alltrue([
      for action in flatten([for statement in jsondecode(data.aws_iam_policy_document.reading["prod"].json).Statement : statement.Action]) :
      can(regex("^[a-z0-9]+:(Get|List|Describe)[A-Za-z]+$", action))
    ])
    error_message = "The plan role only reads, and its policy names each action."
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for statement in jsondecode(data.aws_iam_policy_document.reading["prod"].json).Statement : statement.Action])),
      toset(["lambda:InvokeFunction", "logs:GetLogEvents", "s3:GetObjectVersion", "sqs:ReceiveMessage", "ssm:GetParameterHistory"])
    )) == 0
    error_message = "The plan role reads settings, and no submission, message or log event."
  }

  assert {
    condition = [
      for statement in jsondecode(data.aws_iam_policy_document.reading["prod"].json).Statement : statement.Resource
      if contains(flatten([statement.Action]), "s3:GetObject")
    ] == ["arn:aws:s3:::123456789012-submitter-state-us-west-2/submitter-prod.tfstate"]
    error_message = "The plan role reads one object, the stack's state."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement :
      flatten([statement.Resource]) == ["arn:aws:s3:::123456789012-submitter-state-us-west-2/submitter-prod.tfstate.tflock"]
      if contains(flatten([statement.Action]), "s3:DeleteObject")
    ])
    error_message = "The deploy role deletes one object, the state's lock."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement :
      [statement.Resource, statement.Condition] == {
        MakeBoundedIntakeRole = [
          "arn:aws:iam::123456789012:role/submitter-prod-intake-us-west-2",
          { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/bootstrap/submitter-prod-boundary-us-west-2" } },
        ]
        MakeBoundedGraderRole = [
          "arn:aws:iam::123456789012:role/submitter-prod-grader-us-west-2",
          { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/bootstrap/submitter-prod-grader-boundary-us-west-2" } },
        ]
      }[statement.Sid]
      if contains(flatten([statement.Action]), "iam:CreateRole") || contains(flatten([statement.Action]), "iam:PutRolePolicy")
    ])
    error_message = "The deploy role creates no role, and no role's policy, without the boundary of that role."
  }

  # A mapping has no name: its function or its tag says whose it is.
  assert {
    condition = {
      for statement in concat(
        jsondecode(data.aws_iam_policy_document.reading["prod"].json).Statement,
        jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement,
      ) : statement.Sid => [statement.Action, statement.Resource, statement.Condition]
      if strcontains(statement.Sid, "Mapping")
      } == {
      ReadMapping = [
        "lambda:GetEventSourceMapping",
        "arn:aws:lambda:us-west-2:123456789012:event-source-mapping:*",
        { ArnEquals = { "lambda:FunctionArn" = "arn:aws:lambda:us-west-2:123456789012:function:submitter-prod-grader" } },
      ]
      ReadTagsOfMapping = [
        "lambda:ListTags",
        "arn:aws:lambda:us-west-2:123456789012:event-source-mapping:*",
        { StringEquals = { "aws:ResourceTag/Stack" = "submitter-prod" } },
      ]
      ChangeMapping = [
        ["lambda:UpdateEventSourceMapping", "lambda:CreateEventSourceMapping"],
        "*",
        { ArnEquals = { "lambda:FunctionArn" = "arn:aws:lambda:us-west-2:123456789012:function:submitter-prod-grader" } },
      ]
      TagMapping = [
        ["lambda:UntagResource", "lambda:TagResource"],
        "arn:aws:lambda:us-west-2:123456789012:event-source-mapping:*",
        { StringEqualsIfExists = { "aws:ResourceTag/Stack" = "submitter-prod" } },
      ]
    }
    error_message = "A stack's roles read and change its own mapping, and only the grader gets one."
  }

  # A resource with a wildcard is limited to the stack by its name or its tag.
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement : [
        for resource in flatten([statement.Resource]) :
        strcontains(resource, "submitter-prod") || strcontains(statement.Sid, "Mapping") || try(length(statement.Condition.StringEquals), 0) > 0
      ]
    ]))
    error_message = "The deploy role changes only the stack's resources."
  }
}

run "each_function_has_its_own_rights" {
  command = plan

  assert {
    condition = flatten([
      for statement in jsondecode(data.aws_iam_policy_document.changing["prod"].json).Statement : sort(statement.Resource)
      if contains(["ChangeFunction", "GiveTheFunctionItsRole"], statement.Sid)
      ]) == [
      "arn:aws:lambda:us-west-2:123456789012:function:submitter-prod-grader",
      "arn:aws:lambda:us-west-2:123456789012:function:submitter-prod-intake",
      "arn:aws:iam::123456789012:role/submitter-prod-grader-us-west-2",
      "arn:aws:iam::123456789012:role/submitter-prod-intake-us-west-2",
    ]
    error_message = "The deploy role changes each function by its full name, and no other stack's."
  }

  assert {
    condition = [
      for document in [data.aws_iam_policy_document.boundary["prod"], data.aws_iam_policy_document.grader_boundary["prod"]] :
      one([for statement in jsondecode(document.json).Statement : statement.Resource if statement.Sid == "WriteLogs"])
      ] == [
      "arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/submitter-prod-intake:*",
      "arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/submitter-prod-grader:*",
    ]
    error_message = "Each function writes its own log."
  }

  assert {
    condition = {
      for statement in jsondecode(data.aws_iam_policy_document.grader_boundary["prod"].json).Statement :
      statement.Sid => [statement.Action, statement.Resource, try(one(values(statement.Condition)), null)]
      if statement.Effect == "Allow" && !contains(["WriteLogs", "SendTraces"], statement.Sid)
      } == {
      TakeMessages         = [["sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"], "arn:aws:sqs:us-west-2:123456789012:submitter-prod-*", null]
      ReadSubmissions      = [["s3:GetObjectVersion", "s3:GetObject"], "arn:aws:s3:::submitter-prod-*/submissions/*", null]
      ReadResultsAndEvents = ["s3:GetObject", ["arn:aws:s3:::submitter-prod-*/output/*", "arn:aws:s3:::submitter-prod-*/events/*"], null]
      WriteResults         = ["s3:PutObject", "arn:aws:s3:::submitter-prod-*/output/*", null]
      ListVersions         = ["s3:ListBucketVersions", "arn:aws:s3:::submitter-prod-*", { "s3:prefix" = ["submissions/*", "output/*"] }]
      DecryptMessagesAndSubmissions = [
        "kms:Decrypt", "arn:aws:kms:us-west-2:123456789012:key/*", { "kms:ViaService" = ["s3.us-west-2.amazonaws.com", "sqs.us-west-2.amazonaws.com"] },
      ]
      EncryptResults = ["kms:GenerateDataKey", "arn:aws:kms:us-west-2:123456789012:key/*", { "kms:ViaService" = "s3.us-west-2.amazonaws.com" }]
    }
    error_message = "The grader may do at most what docs/results.md needs."
  }

  # Every action that the boundary does not name is denied, so that no resource's policy can give it.
  assert {
    condition = jsonencode([
      for statement in jsondecode(data.aws_iam_policy_document.grader_boundary["prod"].json).Statement :
      merge(statement, { NotAction = sort(try(statement.NotAction, [])) }) if statement.Effect == "Deny"
      ]) == jsonencode([
      {
        Sid       = "DenyOtherAccounts"
        Effect    = "Deny"
        Action    = "s3:*"
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:ResourceAccount" = "123456789012" } }
        NotAction = []
      },
      {
        Sid      = "DenyAllElse"
        Effect   = "Deny"
        Resource = "*"
        NotAction = sort(distinct(flatten([
          for statement in jsondecode(data.aws_iam_policy_document.grader_boundary["prod"].json).Statement :
          statement.Action if statement.Effect == "Allow"
        ])))
      },
    ])
    error_message = "The grader is denied all else, and other accounts' buckets."
  }
}

run "policies_fit_with_the_longest_names" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  override_data {
    target = data.aws_region.current
    values = { id = "us-gov-west-1" }
  }

  variables {
    stacks         = { prod = "a23456789-123456789-123456789-12" }
    principal_arns = { prod = [for number in range(5) : "arn:aws-us-gov:iam::123456789012:role/course/a-role-of-usual-length-${number}"] }
  }

  # AWS does not count white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert {
    condition = alltrue([
      for document in concat(values(data.aws_iam_policy_document.reading), values(data.aws_iam_policy_document.changing), values(data.aws_iam_policy_document.denying), values(data.aws_iam_policy_document.boundary), values(data.aws_iam_policy_document.grader_boundary)) :
      length(replace(document.json, "/\\s/", "")) <= 6144
    ])
    error_message = "A managed policy has at most 6144 characters."
  }
}

run "another_partition_is_as_good" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  override_data {
    target = data.aws_region.current
    values = { id = "cn-north-1" }
  }

  variables {
    stacks = { course = "course" }
  }

  assert {
    condition = alltrue([
      for resource in flatten([for document in [data.aws_iam_policy_document.boundary, data.aws_iam_policy_document.grader_boundary] : [for statement in jsondecode(document["course"].json).Statement : statement.Resource]]) :
      resource == "*" || startswith(resource, "arn:aws-cn:")
    ])
    error_message = "ARNs begin with the account's partition."
  }

  assert {
    condition = [output.permissions_boundary_names, output.grader_permissions_boundary_names] == [
      { course = "bootstrap/course-boundary-cn-north-1" },
      { course = "bootstrap/course-grader-boundary-cn-north-1" },
    ]
    error_message = "The outputs have the boundaries' names without the account's number."
  }
}

run "an_older_repository_has_no_numbers" {
  command = plan

  variables {
    repository    = "example-university/submitter"
    repository_id = "456789"
  }

  assert {
    condition     = jsondecode(aws_iam_role.workflow["dev-deploy"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example-university/submitter:environment:dev"
    error_message = "The trust has the repository's name as its tokens have it."
  }
}

run "the_states_are_no_stacks" {
  command = plan

  variables {
    stacks = { prod = "submitter", other = "course" }
  }

  assert {
    condition = alltrue([
      for document in concat(values(data.aws_iam_policy_document.reading), values(data.aws_iam_policy_document.changing)) : alltrue([
        for resource in flatten([for statement in jsondecode(document.json).Statement : flatten([statement.Resource]) if contains(flatten([statement.Action]), "s3:GetBucketPolicy") || contains(flatten([statement.Action]), "s3:PutBucketPolicy")]) :
        !startswith(aws_s3_bucket.state.bucket, trimsuffix(trimprefix(resource, "arn:aws:s3:::"), "*"))
      ])
    ])
    error_message = "No stack's roles own the bucket of all states, for any name of a stack."
  }
}

run "refuses_what_could_be_taken_for_something_else" {
  command = plan

  variables {
    repository         = "example-university/*"
    stacks             = { "Prod:x" = "-submitter" }
    region             = "Oregon"
    branch             = "release/*"
    oidc_provider_arn  = "arn:aws:iam::123456789012:oidc-provider/example.org"
    administrator_arns = ["arn:aws:iam::123456789012:role/*"]
  }

  expect_failures = [
    var.repository,
    var.stacks,
    var.region,
    var.branch,
    var.oidc_provider_arn,
    var.administrator_arns,
  ]
}

run "refuses_principals_of_other_accounts_and_patterns" {
  command = plan

  variables {
    principal_arns     = { prod = ["arn:aws:iam::210987654321:role/back-end"] }
    administrator_arns = ["arn:aws:iam::210987654321:role/administrator"]
    oidc_provider_arn  = "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com"
  }

  expect_failures = [var.principal_arns, var.administrator_arns, var.oidc_provider_arn]
}

run "refuses_a_pattern_in_a_path_and_an_unknown_environment" {
  command = plan

  variables {
    principal_arns = { course = ["arn:aws:iam::123456789012:role/*/back-end"] }
  }

  expect_failures = [var.principal_arns]
}

run "refuses_a_number_that_is_none" {
  command = plan

  variables {
    repository_id  = "*"
    principal_arns = { prod = ["arn:aws:iam::123456789012:role/*"] }
  }

  expect_failures = [var.repository_id, var.principal_arns]
}

run "refuses_an_older_repository_without_its_number" {
  command = plan

  variables {
    repository = "example-university/submitter"
  }

  expect_failures = [var.repository_id]
}

run "refuses_a_stack_whose_name_begins_anothers" {
  command = plan

  variables {
    stacks = { dev = "submitter", prod = "submitter-prod" }
  }

  expect_failures = [var.stacks]
}

run "refuses_two_stacks_of_one_name" {
  command = plan

  variables {
    stacks = { dev = "submitter", prod = "submitter" }
  }

  expect_failures = [var.stacks]
}
