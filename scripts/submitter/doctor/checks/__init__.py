"""The checks of `submitter doctor`, a module for each part of the stack."""
