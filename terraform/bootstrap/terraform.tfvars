# The answers that this account's bootstrap was applied with. An apply without them would undo what they made.

# As GitHub's tokens name it; see docs/operating.md.
repository = "YOUR-ORGANIZATION@123456/submitter@456789"
region     = "us-east-1"

# By environment, the stack's name in its .tfvars.
stacks = {
  dev  = "submitter-dev"
  prod = "submitter-prod"
}

# By environment, the roles and users of uploader_arns, back_end_arns and their like in its .tfvars.
principal_arns = {}

# All who apply this, or a stack by hand; none is whoever applies this.
administrator_arns = []
