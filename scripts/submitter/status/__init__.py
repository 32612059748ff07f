"""`submitter status`."""
