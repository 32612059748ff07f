"""`submitter submit`."""
