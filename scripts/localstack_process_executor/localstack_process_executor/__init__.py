"""Runs a Python Lambda's zip under AWS's runtime interface client as a local process."""
