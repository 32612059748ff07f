"""Asks for settings that may be unset, for which AWS answers with an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def unless_unset[T](code: str, ask: Callable[[], T]) -> T | None:
    """Return what ``ask`` returns; None if AWS says with an error code that it is unset.

    Raises:
        botocore.exceptions.ClientError: AWS refused for another reason.
    """
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None
