"""The commands behind ``make up``, ``make down`` and ``make demo``."""

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

from emulation import demo
from emulation.errors import EmulationError
from emulation.localstack import Endpoint, forget_aws_settings
from emulation.make_command import DEFAULT_PORT, make_command
from emulation.project import BOOTSTRAP, BUILD, TERRAFORM
from emulation.shell_lines import shell_lines
from emulation.stack import Progress, Stack, bring_up, is_up, take_all_down, take_down
from emulation.terraform import Terraform

_HIGHEST_PORT = 65535
_NOWHERE = Endpoint(1)
"""For what asks no AWS at all."""


def main() -> int:
    """Run the command line's command; return its exit code: 0, 1 for a failure, 130 if stopped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Terraform's frames and the user's paths may have what the terminal can't show.
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args()
    shell = dict(os.environ)
    forget_aws_settings()
    for name in (signal.SIGTERM, signal.SIGHUP):
        # What is ignored stays ignored: `nohup make up` is meant to outlive its terminal.
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, _stop)
    try:
        _run(arguments, shell)
    except EmulationError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        print(
            f"\nerror: {type(error).__name__}: {error}. Running it again is safe.", file=sys.stderr
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
        f"The stack on port {port} is still up, and may be half changed: "
        f"`{make_command('up', port)}` finishes it, `{make_command('down', port)}` removes it."
    )


def _run(arguments: argparse.Namespace, shell: Mapping[str, str]) -> None:
    progress = _clock()
    match arguments.command:
        case "up":
            print(_instructions(bring_up(arguments.port, progress), shell))
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
    """Do something with a working copy of each root module, at the same time."""

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
        prog="python -m emulation", description="The submitter stack on an AWS on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="provision the stack and leave it running")
    down = commands.add_parser("down", help="stop it and remove all of it")
    commands.add_parser("demo", help="watch one submission travel, on a stack of its own")
    commands.add_parser("validate", help="check the Terraform configuration, with no AWS at all")
    commands.add_parser("test-plan", help="run Terraform's own tests of it, with no AWS at all")
    down.add_argument("--all", action="store_true", help="every stack, on whatever port")
    for command in (up, down):
        command.add_argument(
            "--port",
            type=_port,
            default=DEFAULT_PORT,
            help="port of the loopback address where AWS is (default: %(default)s)",
        )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= _HIGHEST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")


def _clock() -> Progress:
    """Return a printer of lines with the seconds since now before each."""
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
