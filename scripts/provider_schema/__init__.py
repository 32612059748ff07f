"""Checks the configuration against the schema of the AWS provider's newer major version."""
