"""`submitter doctor`."""
