variable "repository" {
  description = "The GitHub repository whose workflows assume the roles, as GitHub's tokens name it: OWNER@ID/NAME@ID, or OWNER/NAME if it was created before 15 July 2026 and not renamed since."
  type        = string
  nullable    = false

  # No * and no colon: the name becomes part of the roles' trust.
  # https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*(@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+|/[A-Za-z0-9_.-]+)$", var.repository))
    error_message = "The repository must be as GitHub's tokens name it after \"repo:\", such as \"example-university@123456/submitter@456789\" or, for an older one, \"example-university/submitter\"; the repository's settings show it under Actions, OIDC."
  }
}

variable "repository_id" {
  description = "The repository's number, as `gh api repos/OWNER/NAME --jq .id` prints it; null takes it from repository, if that has one."
  type        = string
  default     = null

  validation {
    condition     = var.repository_id == null ? can(regex("@[0-9]+$", var.repository)) : can(regex("^[0-9]+$", var.repository_id))
    error_message = "Give the repository's number, such as \"456789\": gh api repos/OWNER/NAME --jq .id prints it."
  }
}

variable "stacks" {
  description = "The account's stacks: by environment, as GitHub names it, the stack's name, as its .tfvars has it."
  type        = map(string)
  nullable    = false
  default = {
    dev  = "submitter-dev"
    prod = "submitter-prod"
  }

  validation {
    condition     = alltrue([for environment in keys(var.stacks) : can(regex("^[a-z][a-z0-9_]{0,31}$", environment))])
    error_message = "An environment's name must be at most 32 lower-case letters, digits and underscores, such as \"prod\": it becomes part of a role's trust, and of a variable's name in GitHub."
  }

  validation {
    condition     = alltrue([for name in values(var.stacks) : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name)) && length(name) <= 32])
    error_message = "A stack's name must be at most 32 lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as \"submitter-dev\"."
  }

  # A role's rights cover everything that begins with its stack's name and a hyphen.
  validation {
    condition = alltrue([
      for pair in setproduct(values(var.stacks), values(var.stacks)) : !startswith(pair[1], "${pair[0]}-")
    ])
    error_message = "One stack's name is the beginning of another's, so its role could change the other stack. Choose names such as \"submitter-dev\" and \"submitter-prod\"."
  }

  validation {
    condition     = length(distinct(values(var.stacks))) == length(var.stacks)
    error_message = "Two environments have the same stack name. Give each a different one."
  }
}

variable "region" {
  description = "AWS region of the stacks and of the state bucket; null takes it from the environment (AWS_REGION, or the profile's region)."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "The region must be a region's code, such as \"us-west-2\", or null to take it from the environment."
  }
}

variable "branch" {
  description = "The branch that the workflows deploy, and check for drift."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]+$", var.branch))
    error_message = "The branch must be a branch's name without wildcards, such as \"main\"."
  }
}

variable "oidc_provider_arn" {
  description = "ARN of the account's OIDC provider for GitHub, if it has one: an account can have only one. null creates it."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn))
    error_message = "The OIDC provider must be the ARN of GitHub's, such as \"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com\", or null to create one."
  }

  validation {
    condition     = var.oidc_provider_arn == null || try(split(":", var.oidc_provider_arn)[4] == local.account_id, true)
    error_message = "The OIDC provider belongs to another account. Give the ARN of one in this account (${local.account_id}), or null to create one."
  }
}

variable "principal_arns" {
  description = "By environment, ARNs of the roles and users that its stack's policies are attached to (uploader_arns and so on in the .tfvars): a plan reads their attached policies."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for arn in flatten(values(var.principal_arns)) :
      can(regex("^arn:aws[a-z-]*:iam::${local.account_id}:(role|user)/([!-#%-)+->@-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}$", arn))
    ])
    error_message = "Each must be the ARN of a role or a user of this account (${local.account_id}), such as \"arn:aws:iam::${local.account_id}:role/course/front-end\" (not of a session, and without *, ? and $)."
  }

  validation {
    condition     = alltrue([for environment in keys(var.principal_arns) : contains(keys(var.stacks), environment)])
    error_message = "principal_arns names an environment that stacks does not have. Add it to stacks, or remove it here."
  }
}

variable "administrator_arns" {
  description = "ARNs, in which * stands for any text, of the roles and users that apply this root, or a stack by hand. Only they and the deploy roles can write states, and only they can change how the state bucket keeps them. An empty list means the role or user that applies this root."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for arn in var.administrator_arns :
      can(regex("^arn:aws[a-z-]*:iam::${local.account_id}:(role|user)/[!-#%->@-~]*[A-Za-z0-9][!-#%->@-~]*$", arn))
    ])
    error_message = "Each must be the ARN of a role or a user of this account (${local.account_id}), in which * stands for any text, such as \"arn:aws:iam::${local.account_id}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Administrators_*\"."
  }
}
