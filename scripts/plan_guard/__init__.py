"""Reads a Terraform plan before it is applied: stops what would lose data or open the stack."""
