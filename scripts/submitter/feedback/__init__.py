"""`submitter feedback`."""
