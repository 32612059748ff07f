"""AWS emulators on this machine, LocalStack and MiniStack, with the stack provisioned on them.

Commands: ``python -m emulation --help``.
"""
