"""`submitter check`: runs programs on a folder's problems, without AWS."""
