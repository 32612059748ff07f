"""Runs the tool's command line on a mocked stack, in another process.

Such a process is a fork of one that has everything imported: a new interpreter would take seconds
for moto alone.

The variable LOOKS names how the first looks of `watch` end, separated by commas: sound, busy or
denied.
"""

import fcntl
import multiprocessing
import os
import sys
import termios
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from submitter.cli import main
from submitter.watch.samples import Sample, Watcher
from unit.submitter.mocked_aws import mocked_stack

ERRORS = {
    "busy": ClientError({"Error": {"Code": "InternalError", "Message": "Busy."}}, "ListObjectsV2"),
    "denied": ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "ListObjectsV2"),
}
with pytest.MonkeyPatch.context() as _patch, mocked_stack(_patch):
    """Have moto import now what it imports when a service is first used."""
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def start_tool(
    *arguments: str, variables: Mapping[str, str], streams: tuple[str, str, str]
) -> ForkServerProcess:
    """Start the tool.

    Args:
        arguments: the command line.
        variables: the environment.
        streams: what to open as standard input, output and error: a terminal, a FIFO or a file.
    """
    process = _FORKS.Process(target=_run, args=(arguments, dict(variables), streams))
    # The one to fork, which the first start makes, finds modules where this process does.
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path))):
        process.start()
    return process


def _run(
    arguments: tuple[str, ...], variables: dict[str, str], streams: tuple[str, str, str]
) -> None:
    os.setsid()
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_WRONLY if number else os.O_RDONLY), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    if os.isatty(0):
        # So that Ctrl-C on it interrupts this process, as on a person's terminal.
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["submitter", *arguments]
    looks = iter(os.environ.get("LOOKS", "").split(","))
    sound_look = Watcher.look

    def scripted_look(watcher: Watcher) -> Sample:
        ending = next(looks, "sound")
        if ending in ERRORS:
            raise ERRORS[ending]
        return sound_look(watcher)

    with pytest.MonkeyPatch.context() as monkeypatch, mocked_stack(monkeypatch):
        monkeypatch.setattr(Watcher, "look", scripted_look)
        main()
