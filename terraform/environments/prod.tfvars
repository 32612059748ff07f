# The stack that holds a term's work. What is not here is as terraform/variables.tf says.
name                      = "submitter-prod"
region                    = "us-east-1"
permissions_boundary_name = "bootstrap/submitter-prod-boundary-us-east-1"
