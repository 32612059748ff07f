"""What the stack costs on AWS, and what the designs cost that a user would pick instead."""
