"""How a grading can end without a score, as errors: the submission's fault or the back end's."""

import traceback
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

_FRAMES = 5


class Rejection(StrEnum):
    """Why a submission is at fault: the sentence of its result. The log has the name."""

    OTHER_DATA = "The .json is not an object with the subid, admin, event and problem of its key."
    LARGE_DATA = "The .json is too large."
    NO_CODE = "There is no .py."
    CODE_GONE = "The version of the .py that the .json names is not there."
    LARGE_CODE = "The .py is too large."
    EMPTY = "The .py is empty."
    NOTEBOOK = "The .py is a notebook: export it as a Python script."
    UTF_16 = "The .py is a text in UTF-16, which Python does not read: save it as UTF-8."
    NUL_BYTES = "The .py is not a Python source: it has NUL bytes."
    EARLY = "It was submitted before the event's release date."


class FailureCause(StrEnum):
    """Why the back end is at fault, for the log."""

    NOT_PUBLISHED = "not_published"
    DAMAGED = "damaged"
    LIMITS = "limits"
    SANDBOX = "sandbox"
    VALIDATOR = "validator"
    OUT_OF_TIME = "out_of_time"
    CONFLICTS = "conflicts"
    S3 = "s3"
    UNEXPECTED = "unexpected"


class RejectedError(Exception):
    """The submission is at fault: grading it again changes nothing."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection


class FailedError(Exception):
    """The back end is at fault: the message must come back."""

    def __init__(
        self, cause: FailureCause, reason: str, *, detail: str = "", for_staff: str = ""
    ) -> None:
        """Say why.

        Args:
            cause: for the log.
            reason: a sentence that students may read.
            detail: for the log and for staff.
            for_staff: what can have a secret test or a program's output: never for the log.
        """
        super().__init__(reason)
        self.cause = cause
        self.reason = reason
        self.detail = detail
        self.for_staff = for_staff


class WaitingError(Exception):
    """The .py may still come: the message must come back."""


def failure_of(error: Exception) -> FailedError:
    """Return any error as a failure, without its text unless that is AWS's."""
    if isinstance(error, FailedError):
        return error
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        reason = f"S3 refused {error.operation_name}: {code}."
        return FailedError(FailureCause.S3, reason, detail=str(error))
    name = type(error).__name__
    if isinstance(error, BotoCoreError):
        return FailedError(FailureCause.S3, f"S3 did not answer: {name}.", detail=str(error))
    frames = "".join(traceback.format_tb(error.__traceback__, -_FRAMES))
    return FailedError(FailureCause.UNEXPECTED, f"The grader has a fault: {name}.", detail=frames)
