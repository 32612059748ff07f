"""Which stack a command uses, and the clients for it."""
