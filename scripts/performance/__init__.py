"""Measures what the stack costs, against what a user would do instead, and reports it."""
