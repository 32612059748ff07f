"""Calls to AWS, a module for each resource."""
