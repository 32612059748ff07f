"""`submitter doctor`: what it checks, a module for each part of the stack."""
