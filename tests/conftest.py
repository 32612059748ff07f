"""What every test starts from."""

import signal

# A run in the background, or a detached one (nohup), ignores interruptions or hang-ups, and so
# would every process under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
