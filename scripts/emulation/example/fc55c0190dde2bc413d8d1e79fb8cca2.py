"""A student's submission, as the specification's example might bring it."""

import sys

print(sum(int(line) for line in sys.stdin))
