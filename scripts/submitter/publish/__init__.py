"""`submitter publish`."""
