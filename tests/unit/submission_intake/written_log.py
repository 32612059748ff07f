"""The function's log, as a reader of it gets it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STANDARD_FIELDS = logging.makeLogRecord({}).__dict__.keys() | {"message"}


class WrittenLog(logging.Handler):
    """Writes JSON lines in UTF-8; like Lambda's own handler, it raises what it cannot write."""

    def __init__(self) -> None:
        super().__init__()
        self._written = b""

    def emit(self, record: logging.LogRecord) -> None:
        line = {"level": record.levelname, "message": record.getMessage()} | {
            name: value for name, value in record.__dict__.items() if name not in STANDARD_FIELDS
        }
        self._written += f"{json.dumps(line, ensure_ascii=False)}\n".encode()

    def clear(self) -> None:
        """Forget what was written."""
        self._written = b""

    @property
    def lengths(self) -> list[int]:
        """How many bytes each line has."""
        return [len(line) for line in self._written.split(b"\n") if line]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What a reader of the log gets: each line's level, message and own fields."""
        return [json.loads(line) for line in self._written.split(b"\n") if line]


@contextmanager
def writing_the_log() -> Iterator[WrittenLog]:
    """Write what the function logs, as long as this goes on."""
    written = WrittenLog()
    logger = logging.getLogger("submission_intake")
    level, propagates = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(written)
    try:
        yield written
    finally:
        logger.removeHandler(written)
        logger.propagate = propagates
        logger.setLevel(level)
