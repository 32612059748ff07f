"""The contract between the functions, the back end and the staff's tool.

Standard library only: each function's zip has a copy. No other code spells out a key, a message,
a result or a log field.
"""
