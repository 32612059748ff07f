"""What `submitter doctor` checks, a module for each part of the stack."""
