# A stack to try changes on: the same as production's, but it keeps less and may be thrown away.
name                      = "submitter-dev"
region                    = "us-east-1"
permissions_boundary_name = "bootstrap/submitter-dev-boundary-us-east-1"

force_destroy                     = true
log_retention_days                = 30
noncurrent_version_retention_days = 30
