"""The contract between the functions, the back end and the staff's tool.

Standard library only: each function's zip has a copy. Nothing else spells a key, a message, a
result or a log field out.
"""
