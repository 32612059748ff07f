"""The commands of ``make up``, ``make down``, ``make demo`` and Terraform's own checks."""

import argparse
import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from emulation import demo, example_course
from emulation.endpoint import Endpoint, forget_aws_settings
from emulation.errors import EmulationError
from emulation.make_command import DEFAULT_PORT, make_command
from emulation.project import BOOTSTRAP, BUILD, TERRAFORM
from emulation.shell_lines import shell_lines
from emulation.stack import Progress, Stack, bring_up, is_up, take_all_down, take_down
from emulation.terraform import Terraform

_HIGHEST_PORT = 65535
_NOWHERE = Endpoint(1)
"""For commands that call no AWS."""


def main() -> int:
    """Run the command; return its exit code: 0, 1 for a failure, 130 if interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Terraform's frames and the user's paths can have characters that the terminal lacks.
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args()
    shell = dict(os.environ)
    forget_aws_settings()
    for name in (signal.SIGTERM, signal.SIGHUP):
        # An ignored signal stays ignored: `nohup make up` is meant to outlive its terminal.
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, _stop)
    try:
        _run(arguments, shell)
    except EmulationError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        print(
            f"\nerror: {error} ({type(error).__name__}). Fix this, and run the command again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. {_what_is_left(arguments)}", file=sys.stderr)
        return 130
    return 0


def _what_is_left(arguments: argparse.Namespace) -> str:
    port = getattr(arguments, "port", None)
    if port is None or not is_up(port):
        return "Nothing is left behind."
    return (
        f"The stack on port {port} is up, and may be half changed: "
        f"`{make_command('up', port)}` finishes it, `{make_command('down', port)}` removes it."
    )


def _run(arguments: argparse.Namespace, shell: Mapping[str, str]) -> None:
    progress = _clock()
    match arguments.command:
        case "up":
            stack = bring_up(arguments.port, progress, {"grading": {}} if arguments.grading else {})
            if arguments.grading:
                example_course.publish(stack, progress)
            print(_instructions(stack, shell))
        case "down" if arguments.all:
            take_all_down(progress)
        case "down":
            take_down(arguments.port, progress)
        case "demo":
            print(demo.run(progress))
        case "validate":
            _on_working_copies(_validate)
            progress("The Terraform configurations are valid")
        case "test-plan":
            for report in _on_working_copies(Terraform.test):
                print(report)


def _on_working_copies[Result](work: Callable[[Terraform], Result]) -> list[Result]:
    """Call ``work`` with a working copy of each root module, at the same time."""

    def work_on(root: Path) -> Result:
        with tempfile.TemporaryDirectory(prefix="terraform-", dir=BUILD) as folder:
            return work(Terraform(_NOWHERE, Path(folder), {}, root))

    BUILD.mkdir(exist_ok=True)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work_on, (TERRAFORM, BOOTSTRAP)))


def _validate(terraform: Terraform) -> None:
    terraform.init()
    terraform.validate()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulation", description="Run the submitter stack on an AWS emulator."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="provision the stack and leave it running")
    down = commands.add_parser("down", help="stop the stack and remove it")
    up.add_argument("--grading", action="store_true", help="with the grader")
    commands.add_parser("demo", help="send one submission through a temporary stack")
    commands.add_parser("validate", help="check the Terraform configuration, without AWS")
    commands.add_parser("test-plan", help="run Terraform's own tests, without AWS")
    down.add_argument("--all", action="store_true", help="every stack, on any port")
    for command in (up, down):
        command.add_argument(
            "--port",
            type=_port,
            default=DEFAULT_PORT,
            help="the emulator's port on the loopback address (default: %(default)s)",
        )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= _HIGHEST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")


def _clock() -> Progress:
    """Return a function that prints a line after the seconds since now."""
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)

    return progress


def _instructions(stack: Stack, shell: Mapping[str, str]) -> str:
    return "\n".join(
        (
            "\nThe stack is up. Paste this to use it with any AWS client:\n",
            *shell_lines(stack, shell),
            f"\nTo remove it: {make_command('down', stack.endpoint.port)}",
        )
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
