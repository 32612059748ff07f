"""A tutorial's handler, in its own package."""
