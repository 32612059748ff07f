"""`submitter watch` on a real pseudo-terminal, and what of it a pipe gets."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedded_aws.waiting import wait_for

PROGRAM = Path(__file__).parents[1] / "mocked_tool.py"
WAIT_SECONDS = 60
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")


class Terminal:
    """A person's terminal with a command in it."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._slave = slave
        self.settings = termios.tcgetattr(slave)
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            env=_environment(TERM="xterm-256color", **variables),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )

    def read_until(self, what: str, is_there: Callable[[str], bool]) -> None:
        def read() -> bool:
            self._read()
            return is_there(self.text)

        wait_for(what, read, WAIT_SECONDS)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Wait for the command's end, and return its exit code."""

        def ended() -> bool:
            self._read()
            return self.process.poll() is not None

        wait_for("the end", ended, WAIT_SECONDS)
        self._read()
        assert termios.tcgetattr(self._slave) == self.settings
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        while select.select([self._master], [], [], 0.05)[0]:
            self.text += os.read(self._master, 65536).decode()


def _environment(**variables: str) -> dict[str, str]:
    unwanted = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "LOOKS")
    usual = {name: value for name, value in os.environ.items() if name not in unwanted}
    return usual | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | variables


@contextmanager
def terminal(*arguments: str, **variables: str) -> Iterator[Terminal]:
    """Have a command in a terminal, for the length of a block."""
    opened = Terminal(*arguments, **variables)
    try:
        yield opened
    finally:
        opened.close()


def _two_looks(text: str) -> bool:
    return text.count("time (UTC)") >= 3


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_live_view_redraws_until_it_is_interrupted_and_gives_the_cursor_back(how: str) -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="sound,busy") as shown:
        shown.read_until("two looks", _two_looks)
        assert shown.text.count(HIDDEN) == 1
        assert SHOWN not in shown.text
        if how == "Ctrl-C":
            shown.type("\x03")
        else:
            shown.process.send_signal(signal.SIGTERM)
        exit_code = shown.end()

    assert exit_code == 130
    assert "\x1b[1A" in shown.text, "it went on below instead of drawing anew"
    assert "AWS refused ListObjectsV2: Busy. It looks again." in shown.text
    assert COLOUR.search(shown.text)
    assert shown.text.rindex(SHOWN) > shown.text.rindex(HIDDEN)
    assert "Traceback" not in shown.text


def test_lost_rights_end_the_live_view_with_a_sentence_below_it() -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="sound,denied") as shown:
        exit_code = shown.end()

    assert exit_code == 3
    after = shown.text[shown.text.rindex(SHOWN) :]
    assert "error: AWS does not let these credentials do this (ListObjectsV2)" in after
    assert "Traceback" not in shown.text


def test_view_that_ends_by_itself_after_trouble_needs_attention() -> None:
    with terminal("watch", "--for", "1", "--interval", "0.5", LOOKS="sound,busy") as shown:
        exit_code = shown.end()

    assert exit_code == 1
    assert shown.text.rindex(SHOWN) > shown.text.rindex(HIDDEN)


def test_person_who_wants_no_colours_gets_none() -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="busy", NO_COLOR="1") as shown:
        shown.read_until("two looks", _two_looks)
        shown.type("\x03")
        shown.end()

    assert "no answer" in shown.text
    assert not COLOUR.search(shown.text)


@pytest.mark.parametrize("command", ["status", "watch"])
def test_pipe_gets_neither_colours_nor_movements(command: str) -> None:
    options = ("--for", "0") if command == "watch" else ()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), command, *options],
        env=_environment(TERM="xterm-256color", LOOKS="busy"),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )

    assert done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_reader_of_lines_that_has_seen_enough_ends_the_watch_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), "watch", "--interval", "0.5"],
        env=_environment(FORCE_COLOR="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watch:
        try:
            assert watch.stdout is not None
            assert watch.stderr is not None
            assert json.loads(watch.stdout.readline())["uploads"] == 0
            watch.stdout.close()
            assert watch.wait(WAIT_SECONDS) == 0
            assert watch.stderr.read() == ""
        finally:
            watch.kill()


def test_status_on_a_terminal_is_coloured() -> None:
    with terminal("status") as shown:
        assert shown.end() == 0

    assert COLOUR.search(shown.text)
    assert "nothing needs attention" in shown.text
