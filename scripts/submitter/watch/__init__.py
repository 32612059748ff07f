"""`submitter watch`."""
