"""The stack that a command uses, and clients for it."""
