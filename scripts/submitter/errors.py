"""What a command ends with, and how what went wrong is put to a person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError


class ExitCode(IntEnum):
    """What every command of `submitter` ends with."""

    OK = 0
    """All is as it should be, or was put right by this run."""
    ATTENTION = 1
    """The command did its work, and something is left for a person: to look at, or to run the
    command again with --yes, which alone changes anything."""
    USAGE = 2
    """The command line makes no sense."""
    UNAVAILABLE = 3
    """The stack was not found, not reached, or refused access: what is not shown is not known."""
    INTERRUPTED = 130
    """Stopped by the user; running it again goes on."""


class SubmitterError(Exception):
    """A failure whose text says what happened, to what, and what to do next."""

    def __init__(
        self, text: str, exit_code: ExitCode = ExitCode.UNAVAILABLE, details: Sequence[str] = ()
    ) -> None:
        """Fail with a text for a person, the command's exit code, and details, a line for each."""
        self.lines = (text, *(f"  {each}" for each in details))
        super().__init__("\n".join(self.lines))
        self.exit_code = exit_code


_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "403"}
)
_NO_LONGER_VALID = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired"}
)


_NO_SUCH_RESOURCE = frozenset(
    {
        "404",
        "NoSuchBucket",
        "ResourceNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)


def is_missing(error: ClientError | BotoCoreError) -> bool:
    """Tell whether AWS says that what was asked about does not exist.

    Args:
        error: what boto3 raised.

    Returns:
        Whether a resource of the stack is gone; a client's error is never that.
    """
    return _code(error) in _NO_SUCH_RESOURCE


def may_pass(error: ClientError | BotoCoreError) -> bool:
    """Tell whether the same question may be answered a little later.

    Args:
        error: what boto3 raised.

    Returns:
        False for what only a person can put right: missing rights, credentials that are missing
        or no longer valid, no region, and a stack that is not there.
    """
    if isinstance(error, (NoCredentialsError, NoRegionError)) or is_missing(error):
        return False
    return _code(error) not in _DENIED | _NO_LONGER_VALID


def explain(error: ClientError | BotoCoreError) -> SubmitterError:
    """Put an error of AWS or of its SDK in a sentence that says what to do.

    Args:
        error: what boto3 raised.

    Returns:
        The error to end the command with.
    """
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        message = error.response.get("Error", {}).get("Message", "")
        if code in _DENIED:
            return SubmitterError(
                f"AWS does not let these credentials do this ({error.operation_name}): {message} "
                "Use a profile that has the stack's operator rights: submitter --profile NAME ..."
            )
        if code in _NO_LONGER_VALID:
            return SubmitterError(
                "AWS no longer accepts these credentials. Log in again (aws sso login), or use "
                "another profile: submitter --profile NAME ..."
            )
        return SubmitterError(f"AWS refused {error.operation_name}: {message or code}")
    if isinstance(error, NoCredentialsError):
        return SubmitterError(
            "There are no AWS credentials. Log in (aws sso login), use a profile (submitter "
            "--profile NAME ...), or, for a stack of `make up`, paste the lines it printed."
        )
    if isinstance(error, NoRegionError):
        return SubmitterError(
            "No AWS region is set. Say where the stack is: submitter --region us-west-2 ..."
        )
    return SubmitterError(f"AWS could not be asked: {error}")


def _code(error: ClientError | BotoCoreError) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
