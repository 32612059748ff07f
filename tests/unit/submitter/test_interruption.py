"""The tool ends without a traceback when interrupted."""

import os
import subprocess
import sys

from emulation.project import ROOT, SCRIPTS

# In place of a command: a connection that is cut off in the midst of being made.
_CUT_OFF = """
import signal

from submitter import cli


class Connection:
    def __init__(self):
        signal.raise_signal(signal.SIGINT)
        self.socket = None

    def __del__(self):
        self.socket.close()


def connect():
    try:
        Connection()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


cli.app = connect
cli.main()
"""


def test_interrupted_constructor_prints_no_traceback() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _CUT_OFF],
        env={"PYTHONPATH": f"{SCRIPTS}{os.pathsep}{ROOT / 'lambda'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (130, "")
