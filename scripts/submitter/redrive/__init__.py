"""`submitter redrive`."""
