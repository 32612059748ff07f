# A stack to try changes on: as production, but it keeps data for less time, and can be destroyed.
name                      = "submitter-dev"
region                    = "us-east-1"
permissions_boundary_name = "bootstrap/submitter-dev-boundary-us-east-1"

force_destroy                     = true
log_retention_days                = 30
noncurrent_version_retention_days = 30
