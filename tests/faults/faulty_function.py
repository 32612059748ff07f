"""The real function with a fault in it.

This file goes into a copy of the function's zip, next to the real code, and runs before it:
what the environment variable FAULT names happens at every run.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

_FAULT = os.environ["FAULT"]

if _FAULT == "crash at import":
    raise RuntimeError(_FAULT)

from submission_intake import handler  # noqa: E402 - a crash at import comes first

_CLIENT: Any = handler._QUEUE._client  # noqa: SLF001 - where the fault is put in
_SEND = _CLIENT.send_message_batch


def _crashing_after(batches: int) -> Callable[..., Any]:
    left = iter(range(batches))

    def send(**request: object) -> object:
        if next(left, None) is None:
            raise RuntimeError(_FAULT)
        return _SEND(**request)

    return send


def _killed_after_sending(**request: object) -> None:
    _SEND(**request)
    os.kill(os.getpid(), signal.SIGKILL)


def lambda_handler(event: object, context: object) -> dict[str, object]:
    """Handle an event up to the fault."""
    match _FAULT:
        case "crash at the first record":
            _CLIENT.send_message_batch = _crashing_after(0)
        case "crash between two batches":
            _CLIENT.send_message_batch = _crashing_after(1)
        case "killed after the first batch":
            _CLIENT.send_message_batch = _killed_after_sending
        case "time-out":
            threading.Event().wait()
        case _:
            raise ValueError(_FAULT)
    return handler.lambda_handler(event, context)
