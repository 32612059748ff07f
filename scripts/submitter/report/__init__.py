"""`submitter report`."""
