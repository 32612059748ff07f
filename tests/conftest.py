"""What every test starts from."""

import signal

# A run that somebody detached (nohup) ignores hang-ups, and so would every process under test.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
