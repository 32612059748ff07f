import sys

print(sum(abs(int(line)) for line in sys.stdin if line.strip()))
