"""A student's submission, as the specification's example might bring it."""

print("Hello from lab5_containers")
