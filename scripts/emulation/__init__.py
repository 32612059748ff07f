"""An AWS account on this machine: LocalStack as a process, with the stack provisioned on it.

Commands: ``python -m emulation --help``.
"""
