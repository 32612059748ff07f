"""`submitter new`: writes a folder to start from."""
