"""The commands: what each takes on its command line, and what it ends with."""
