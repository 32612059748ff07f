"""The command line: arguments, errors and exit codes."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from emulation import __main__ as command_line
from emulation.endpoint import Endpoint
from emulation.errors import EmulationError
from emulation.make_command import make_command
from emulation.stack import Progress

BAD_PORTS = [
    *("0", "65536", "99999999999", "-1", "+80", "http", "", " ", "80 81", "4566.0", "0x50", "²")
]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Give the process its environment variables and signal handlers back."""
    environment = dict(os.environ)
    handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGHUP)}
    yield
    os.environ.clear()
    os.environ.update(environment)
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs the command line with its arguments."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["emulation", *arguments])
        return command_line.main()

    return run


@pytest.fixture
def taken_down(monkeypatch: pytest.MonkeyPatch) -> list[int | str]:
    """Return the list of ports, or ``all``, that ``down`` stops from now on."""
    ports: list[int | str] = []

    def take_down(port: int, progress: Progress) -> None:
        progress("going down")
        ports.append(port)

    def take_all_down(_progress: Progress) -> None:
        ports.append("all")

    monkeypatch.setattr(command_line, "take_down", take_down)
    monkeypatch.setattr(command_line, "take_all_down", take_all_down)
    return ports


def refusal(run: Callable[..., int], capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the error for arguments that are refused."""
    with pytest.raises(SystemExit) as raised:
        run(*arguments)
    assert raised.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("usage: python -m emulation")
    return said.err


@pytest.mark.parametrize("port", BAD_PORTS)
@pytest.mark.parametrize("command", ["up", "down"])
def test_invalid_port_is_refused_with_the_valid_range(
    command: str, port: str, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(run, capsys, command, f"--port={port}")
    assert f"{port!r} is not a port: give a number from 1 to 65535" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["start"], "invalid choice: 'start'"),
        (["up", "--all"], "unrecognized arguments: --all"),
        (["demo", "--port", "80"], "unrecognized arguments: --port 80"),
        (["down", "--port"], "argument --port: expected one argument"),
    ],
)
def test_invalid_command_line_is_refused(
    arguments: list[str],
    complaint: str,
    run: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complaint in refusal(run, capsys, *arguments)


def test_help_lists_every_command(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        run("--help")
    assert raised.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"up", "down", "demo", "validate"} <= {line.split()[0] for line in lines if line.strip()}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], 4566), (["--port", "1"], 1), (["--port", "65535"], 65535), (["--all"], "all")],
)
def test_down_stops_the_stack_on_the_port(
    arguments: list[str], expected: int | str, run: Callable[..., int], taken_down: list[int | str]
) -> None:
    assert run("down", *arguments) == 0
    assert taken_down == [expected]


def test_progress_shows_seconds_since_the_start(
    run: Callable[..., int], taken_down: list[int | str], capsys: pytest.CaptureFixture[str]
) -> None:
    run("down")
    assert len(taken_down) == 1
    seconds, unit, line = capsys.readouterr().out.strip().split(maxsplit=2)
    assert 0 <= float(seconds) < 60
    assert (unit, line) == ("s", "going down")


def fail() -> None:
    raise EmulationError("The port is taken. Choose another.")


STOPPED = (130, "\nStopped. Nothing is left behind.\n")


@pytest.mark.parametrize(
    ("happening", "end"),
    [
        (fail, (1, "\nerror: The port is taken. Choose another.\n")),
        (lambda: signal.raise_signal(signal.SIGTERM), STOPPED),
        (lambda: signal.raise_signal(signal.SIGHUP), STOPPED),
        (lambda: signal.raise_signal(signal.SIGINT), STOPPED),
    ],
)
def test_command_ends_with_a_message_and_an_exit_code(
    happening: Callable[[], None],
    end: tuple[int, str],
    run: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command_line, "take_down", lambda *_: happening())
    code, said = end
    assert run("down") == code
    assert capsys.readouterr() == ("", said)


def test_progress_escapes_characters_that_the_terminal_lacks(
    run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(command_line, "take_down", lambda _port, tell: tell("│ Zoë"))
    assert run("down") == 0
    terminal.flush()
    assert terminal.buffer.getvalue().rstrip().endswith(rb"\u2502 Zo\xeb")


@pytest.mark.parametrize(
    ("settings", "up", "down"),
    [
        ({"PORT": "4566", "TERRAFORM": "terraform"}, "make up", "make down"),
        ({"PORT": "4590"}, "make up PORT=4590", "make down PORT=4590"),
        (
            {"PORT": "4590", "TERRAFORM": "/opt/my tofu", "PROVIDER_VERSION": "~> 6.0"}
            | {"GRADING": "1"},
            "make up PORT=4590 TERRAFORM='/opt/my tofu' PROVIDER_VERSION='~> 6.0' GRADING=1",
            "make down PORT=4590",
        ),
    ],
)
def test_commands_to_copy_include_the_settings_in_use(
    settings: dict[str, str], up: str, down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERRAFORM", "PROVIDER_VERSION", "GRADING"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    port = int(settings["PORT"])
    assert (make_command("up", port), make_command("down", port)) == (up, down)


@pytest.mark.parametrize(("options", "grading"), [((), False), (("--grading",), True)])
def test_up_has_the_grader_if_asked(
    options: tuple[str, ...],
    grading: bool,  # noqa: FBT001 - a parameter of pytest's
    run: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = []
    outputs = SimpleNamespace(name="submitter", bucket_name="bucket", queue_url="queue")
    stack = SimpleNamespace(endpoint=Endpoint(4590), outputs=outputs)

    def bring_up(_port: int, _progress: Progress, variables: dict[str, object]) -> SimpleNamespace:
        assert ("grading" in variables) == grading
        return stack

    monkeypatch.setattr(command_line, "bring_up", bring_up)
    monkeypatch.setattr(
        "emulation.example_course.publish", lambda stack, _progress: published.append(stack)
    )
    assert run("up", *options) == 0
    assert published == [stack] * grading


def test_up_names_its_port_in_the_commands_to_copy(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = SimpleNamespace(name="submitter", bucket_name="bucket", queue_url="queue")
    stack = SimpleNamespace(endpoint=Endpoint(4590), outputs=outputs)
    monkeypatch.setattr(command_line, "bring_up", lambda *_: stack)
    assert run("up", "--port=4590") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "To remove it: make down PORT=4590"

    monkeypatch.delenv("TERRAFORM", raising=False)
    monkeypatch.setattr(command_line, "is_up", lambda _port: True)
    monkeypatch.setattr(command_line, "bring_up", lambda *_: signal.raise_signal(signal.SIGINT))
    assert run("up", "--port=4590") == 130
    said = capsys.readouterr().err
    assert "`make up PORT=4590` finishes it, `make down PORT=4590` removes it." in said
