"""A deadline's storm on AWS: what arrives, what Lambda makes of it, what a back end needs."""
