# The stack that holds a term's work. All other settings are the defaults in terraform/variables.tf.
name                      = "submitter-prod"
region                    = "us-east-1"
permissions_boundary_name = "bootstrap/submitter-prod-boundary-us-east-1"
# Without a topic the alarms notify nobody.
# alarm_topic_arn = "arn:aws:sns:us-east-1:123456789012:course-staff"
