"""`submitter grades`."""
