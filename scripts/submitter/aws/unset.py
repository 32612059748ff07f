"""Asks for settings that may be unset, for which AWS answers with an error."""

from collections.abc import Callable

from botocore.exceptions import ClientError


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
