"""Starts LocalStack tied to the process that started it.

`python -m localstack_process_executor.localstack_main` does the same as
`python -m localstack.runtime.main`. If LIFELINE_FD is the number of a pipe's read end, LocalStack
also stops when the pipe's other end closes; see `lifeline`.
"""

from __future__ import annotations

import os
import sys

from localstack_process_executor import lifeline

LIFELINE_VARIABLE = "LIFELINE_FD"
STOP_DEADLINE_SECONDS = 10.0
"""The time for LocalStack's own shutdown once its owner is gone."""


def main() -> None:
    """Run LocalStack until it is told to stop, and end the process with its exit status."""
    # The number means nothing to the processes that LocalStack starts.
    lifeline_end = os.environ.pop(LIFELINE_VARIABLE, None)
    if lifeline_end is not None:
        lifeline.watch(int(lifeline_end), lifeline.terminate_or_exit(STOP_DEADLINE_SECONDS))
    # Only now: importing LocalStack takes seconds, in which the owner may die.
    from localstack.runtime.main import main as run_localstack  # noqa: PLC0415 - see above

    from localstack_process_executor import patches  # noqa: PLC0415 - it imports LocalStack

    patches.apply()
    try:
        run_localstack()
    except SystemExit as stop:
        # The shutdown is complete. A thread that stores a function's log may still try for many
        # seconds to reach the closed gateway, and would delay the exit.
        if isinstance(stop.code, str):
            sys.stderr.write(f"{stop.code}\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(stop.code if isinstance(stop.code, int) else int(stop.code is not None))


if __name__ == "__main__":
    main()
