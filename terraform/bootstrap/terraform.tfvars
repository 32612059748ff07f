# The account's settings. An apply without them would undo what they created.

# As GitHub's tokens name it; see docs/operating.md.
repository = "YOUR-ORGANIZATION@123456/submitter@456789"
region     = "us-east-1"

# By environment, the stack's name in its .tfvars.
stacks = {
  dev  = "submitter-dev"
  prod = "submitter-prod"
}

# By environment, the roles and users in uploader_arns, back_end_arns and so on of its .tfvars.
principal_arns = {}

# All roles and users that apply this, or a stack by hand; [] means the one that applies this.
administrator_arns = []
