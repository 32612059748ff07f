"""Asks for settings that may never have been set, which AWS answers with an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def unless_unset[T](code: str, ask: Callable[[], T]) -> T | None:
    """Ask AWS for a setting.

    Args:
        code: how AWS says that it was never set.
        ask: the question.

    Returns:
        The answer; None if it was never set.

    Raises:
        botocore.exceptions.ClientError: AWS said anything else.
    """
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None
