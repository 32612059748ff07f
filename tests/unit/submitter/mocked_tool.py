"""Runs the tool's command line on a mocked stack, as a process of its own.

LOOKS names how the first looks of `watch` end, separated by commas: sound, busy or denied.
"""

import fcntl
import os
import sys
import termios

import pytest
from botocore.exceptions import ClientError

from submitter.cli import main
from submitter.watch.looks import Sample, Watcher
from unit.submitter.mocked_aws import mocked_stack

if os.isatty(sys.stdin.fileno()):
    # So that Ctrl-C on it interrupts this process, as on a person's terminal.
    fcntl.ioctl(sys.stdin, termios.TIOCSCTTY, 0)

ERRORS = {
    "busy": ClientError({"Error": {"Code": "InternalError", "Message": "Busy."}}, "ListObjectsV2"),
    "denied": ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "ListObjectsV2"),
}
looks = iter(os.environ.get("LOOKS", "").split(","))
sound_look = Watcher.look


def scripted_look(watcher: Watcher) -> Sample:
    ending = next(looks, "sound")
    if ending in ERRORS:
        raise ERRORS[ending]
    return sound_look(watcher)


with pytest.MonkeyPatch.context() as patch, mocked_stack(patch):
    patch.setattr(Watcher, "look", scripted_look)
    main()
