"""`submitter reconcile`."""
