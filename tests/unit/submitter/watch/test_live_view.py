"""`submitter watch` on a pseudo-terminal, and on a pipe."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulation.waiting import wait_for
from unit.submitter.mocked_tool import start_tool

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
        name = os.ttyname(slave)
        self.process = start_tool(
            *arguments,
            variables=_environment(TERM="xterm-256color", **variables),
            streams=(name, name, name),
        )

    def read_until(self, what: str, is_there: Callable[[str], bool]) -> None:
        def read() -> bool:
            self._read()
            return is_there(self.text)

        wait_for(what, read, WAIT_SECONDS)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int | None:
        """Wait for the command's end, and return its exit code."""

        def ended() -> bool:
            self._read()
            return self.process.exitcode is not None

        wait_for("the end", ended, WAIT_SECONDS)
        self._read()
        assert termios.tcgetattr(self._slave) == self.settings
        return self.process.exitcode

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        while select.select([self._master], [], [], 0.05)[0]:
            self.text += os.read(self._master, 65536).decode()


def _environment(**variables: str) -> dict[str, str]:
    unwanted = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "LOOKS")
    return {name: value for name, value in os.environ.items() if name not in unwanted} | variables


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
def test_live_view_redraws_until_interrupted(how: str) -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="sound,busy") as shown:
        shown.read_until("two looks", _two_looks)
        assert shown.text.count(HIDDEN) == 1
        assert SHOWN not in shown.text
        if how == "Ctrl-C":
            shown.type("\x03")
        else:
            shown.process.terminate()
        exit_code = shown.end()

    assert exit_code == 130
    assert "\x1b[1A" in shown.text, "it went on below instead of drawing anew"
    assert "AWS refused ListObjectsV2: Busy. " in shown.text
    assert "It looks again." in shown.text
    assert COLOUR.search(shown.text)
    assert shown.text.rindex(SHOWN) > shown.text.rindex(HIDDEN)
    assert "Traceback" not in shown.text


def test_lost_rights_end_the_live_view_with_an_error() -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="sound,denied") as shown:
        exit_code = shown.end()

    assert exit_code == 3
    after = shown.text[shown.text.rindex(SHOWN) :]
    assert "error: AWS does not let these credentials do this (ListObjectsV2)" in after
    assert "Traceback" not in shown.text


def test_live_view_that_ends_after_trouble_exits_with_1() -> None:
    with terminal("watch", "--for", "1", "--interval", "0.5", LOOKS="sound,busy") as shown:
        exit_code = shown.end()

    assert exit_code == 1
    assert shown.text.rindex(SHOWN) > shown.text.rindex(HIDDEN)


def test_no_color_disables_colours() -> None:
    with terminal("watch", "--interval", "0.5", LOOKS="busy", NO_COLOR="1") as shown:
        shown.read_until("two looks", _two_looks)
        shown.type("\x03")
        shown.end()

    assert "no answer" in shown.text
    assert not COLOUR.search(shown.text)


@pytest.mark.parametrize("command", ["status", "watch"])
def test_file_gets_no_control_sequences(command: str, tmp_path: Path) -> None:
    options = ("--for", "0") if command == "watch" else ()
    output, errors = tmp_path / "output", tmp_path / "errors"
    output.touch()
    errors.touch()
    variables = _environment(TERM="xterm-256color", LOOKS="busy")
    streams = (os.devnull, str(output), str(errors))
    start_tool(command, *options, variables=variables, streams=streams).join(WAIT_SECONDS)

    assert output.read_text()
    assert "\x1b" not in output.read_text() + errors.read_text()


def test_closed_pipe_ends_the_watch_quietly(tmp_path: Path) -> None:
    output, errors = tmp_path / "output", tmp_path / "errors"
    os.mkfifo(output)
    errors.touch()
    variables, streams = _environment(FORCE_COLOR="1"), (os.devnull, str(output), str(errors))
    watch = start_tool("watch", "--interval", "0.5", variables=variables, streams=streams)
    try:
        with output.open() as lines:
            assert json.loads(lines.readline())["uploads"] == 0
        watch.join(WAIT_SECONDS)
        assert watch.exitcode == 0
        assert errors.read_text() == ""
    finally:
        watch.kill()
        watch.join()


def test_status_on_a_terminal_is_coloured() -> None:
    with terminal("status") as shown:
        assert shown.end() == 0

    assert COLOUR.search(shown.text)
    assert "nothing needs attention" in shown.text
