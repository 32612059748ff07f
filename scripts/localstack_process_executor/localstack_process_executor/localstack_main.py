"""Starts LocalStack tied to the process that started it.

`python -m localstack_process_executor.localstack_main` does what
`python -m localstack.runtime.main` does. If LIFELINE_FD names the read end of a pipe, LocalStack
also stops when the pipe's other end closes; see `lifeline`.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from localstack_process_executor import lifeline

LIFELINE_VARIABLE = "LIFELINE_FD"
STOP_DEADLINE_SECONDS = 10.0
"""How long LocalStack's own shutdown may take once its owner is gone."""


def main() -> None:
    """Runs LocalStack until it is told to stop, and ends the process with its exit status.

    Raises:
        SystemExit: With a message, if LIFELINE_FD cannot be used.
    """
    _tie_to_owner()
    # Only now, because importing LocalStack takes seconds in which the owner may die.
    from localstack.runtime.main import main as run_localstack  # noqa: PLC0415 - see above

    from localstack_process_executor import patches  # noqa: PLC0415 - it imports LocalStack

    patches.apply()
    try:
        run_localstack()
    except SystemExit as stop:
        # Its shutdown is complete here. A thread that stores a function's log may be left, though,
        # trying for many seconds to reach the gateway that is closed, and would hold up the exit.
        _exit_now(stop.code)


def _exit_now(code: str | int | None) -> NoReturn:
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _tie_to_owner() -> None:
    # Removed from the environment: the number means nothing to the processes LocalStack starts.
    value = os.environ.pop(LIFELINE_VARIABLE, None)
    if value is None:
        return
    if not value.isdecimal():
        raise SystemExit(
            f"{LIFELINE_VARIABLE} is {value!r}, not the number of an inherited file descriptor; "
            "set it to one, or leave it out."
        )
    try:
        lifeline.watch(int(value), lifeline.terminate_or_exit(STOP_DEADLINE_SECONDS))
    except lifeline.LifelineError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
