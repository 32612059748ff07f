"""`submitter regrade`."""
