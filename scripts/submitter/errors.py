"""What a command ends with, and how what went wrong is put to a person."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Sequence
from enum import Enum, IntEnum, auto
from json import JSONDecodeError

from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    LoginError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)

from submitter.invocation import login_command

_DEBUG = "SUBMITTER_DEBUG"
"""An environment variable; set to anything, it shows the traceback of an unexpected error."""


class ExitCode(IntEnum):
    """What every command of `submitter` ends with."""

    OK = 0
    """All is as it should be, or was put right by this run."""
    ATTENTION = 1
    """The command did its work, and something is left for a person: to look at, or to run the
    command again with --yes, which alone changes anything."""
    USAGE = 2
    """A usage error."""
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


class ForeignAnswerError(BotoCoreError):
    """Something answered in place of AWS, such as a network's login page."""

    fmt = "HTTP status {status}"


class Failure(Enum):
    """Why AWS could not be asked, or did not answer; each has its own advice."""

    DENIED = auto()
    ROLE_REFUSED = auto()
    """The profile's role can't be assumed."""
    EXPIRED = auto()
    WRONG_KEYS = auto()
    WRONG_CLOCK = auto()
    NOT_LOGGED_IN = auto()
    NO_CREDENTIALS = auto()
    NO_REGION = auto()
    SETTINGS = auto()
    """A setting of the SDK that it can't use, or a credential helper that fails."""
    MISSING = auto()
    """A resource of the stack does not exist."""
    THROTTLED = auto()
    NOT_AWS = auto()
    UNREACHABLE = auto()
    REFUSED = auto()
    """Anything else that AWS says."""


_PASSING = frozenset(
    {Failure.THROTTLED, Failure.NOT_AWS, Failure.UNREACHABLE, Failure.REFUSED},
)
"""What may be over by itself; a person has to put right all else."""

# Each service has its own words. Those of all services:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_CODES = {
    Failure.DENIED: (
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "KMS.AccessDeniedException",
        "KMSAccessDeniedException",
        "KmsAccessDenied",
        "NotAuthorized",
        "NotSignedUp",
        "OptInRequired",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    ),
    Failure.EXPIRED: (
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
    ),
    Failure.WRONG_KEYS: (
        "AuthFailure",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "InvalidSecurity",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "MissingSecurityHeader",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    Failure.WRONG_CLOCK: (
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
    ),
    # IAM Identity Center's, when a login has ended.
    Failure.NOT_LOGGED_IN: (
        "InvalidGrantException",
        "UnauthorizedException",
    ),
    Failure.MISSING: (
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    ),
    Failure.THROTTLED: (
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
}
_FAILURES = {code: failure for failure, codes in _CODES.items() for code in codes}
# A HEAD request's answer has no body, and so no code but its status.
_HEAD_FAILURES = {"400": Failure.EXPIRED, "403": Failure.DENIED, "404": Failure.MISSING}
# Under the codes of a wrong signature.
_CLOCK_WORDS = re.compile(r"signature (expired|not yet current)|request has expired", re.IGNORECASE)


def failure_of(error: ClientError | BotoCoreError) -> Failure:
    """Return why AWS could not be asked, or did not answer.

    Args:
        error: what boto3 raised.
    """
    match error:
        case ClientError():
            return _failure_of_answer(error)
        case NoCredentialsError():
            return Failure.NO_CREDENTIALS
        case NoRegionError():
            return Failure.NO_REGION
        case SSOError() | LoginError() | NoAuthTokenError() | TokenRetrievalError():
            return Failure.NOT_LOGGED_IN
        case ForeignAnswerError():
            return Failure.NOT_AWS
        case (
            ConnectionError()
            | HTTPClientError()
            | IncompleteReadError()
            | ChecksumError()
            | FlexibleChecksumError()
            | MetadataRetrievalError()
        ):
            return Failure.UNREACHABLE
        case RefreshWithMFAUnsupportedError():
            return Failure.EXPIRED
        case CredentialRetrievalError() if "expired" in str(error).lower():
            return Failure.EXPIRED
        case _:
            return Failure.SETTINGS


def _failure_of_answer(error: ClientError) -> Failure:
    code, message = _said(error)
    if _CLOCK_WORDS.search(message):
        return Failure.WRONG_CLOCK
    if code and not code.isdigit():
        failure = _FAILURES.get(code, Failure.REFUSED)
        is_role = failure is Failure.DENIED and error.operation_name.startswith("AssumeRole")
        return Failure.ROLE_REFUSED if is_role else failure
    if error.operation_name.startswith("Head"):
        return _HEAD_FAILURES.get(code, Failure.REFUSED)
    # AWS names its errors; a bare status is a proxy's or a login page's.
    return Failure.NOT_AWS


def is_missing(error: ClientError | BotoCoreError) -> bool:
    """Return whether AWS says that what was asked about does not exist.

    Args:
        error: what boto3 raised.

    Returns:
        Whether a resource of the stack is gone; a client's error is never that.
    """
    return failure_of(error) is Failure.MISSING


def may_pass(error: ClientError | BotoCoreError) -> bool:
    """Return whether the same question may be answered a little later.

    Args:
        error: what boto3 raised.

    Returns:
        False for what only a person can put right: missing rights, credentials that are missing
        or not accepted, settings that can't be used, and a stack that is not there.
    """
    return failure_of(error) in _PASSING


def explain(error: ClientError | BotoCoreError) -> SubmitterError:
    """Put an error of AWS or of its SDK in a sentence that says what to do.

    Args:
        error: what boto3 raised.

    Returns:
        The error to end the command with.
    """
    return SubmitterError(_explanation(error))


def as_submitter_error(error: Exception) -> SubmitterError:
    """Put whatever ended a command in a sentence that says what to do.

    Args:
        error: anything that was raised.

    Returns:
        The error to end the command with.
    """
    match error:
        case SubmitterError():
            return error
        case ClientError() | BotoCoreError():
            return explain(error)
        case RuntimeError() if _STILL_EXPIRED in str(error):
            return SubmitterError(_expired())
    if os.environ.get(_DEBUG):
        traceback.print_exception(error)
    return SubmitterError(
        f"It stopped at something unexpected: {type(error).__name__}: {error}. What was done until "
        f"then stays done; run it again. If it happens again, {_DEBUG}=1 shows where."
    )


_STILL_EXPIRED = "refreshed credentials are still expired"
"""What the SDK says, in no error of its own, of a helper that hands out old credentials."""


def unusable_settings(error: Exception) -> SubmitterError:
    """Put in a sentence that boto3 could not be set up.

    Args:
        error: what boto3 raised; it lets through what Python raises on a malformed value.

    Returns:
        The error to end the command with.
    """
    detail = str(error).rstrip(".")
    if isinstance(error, JSONDecodeError):
        detail = "the profile's credential_process prints something other than JSON"
    elif isinstance(error, (AttributeError, TypeError)):
        detail = "the profile's credential_process prints JSON that is no credentials"
    return SubmitterError(_ADVICE[Failure.SETTINGS].format(error=detail))


_ADVICE = {
    Failure.DENIED: "AWS does not let these credentials do this ({operation}){said}. Use a profile "
    "that has the stack's operator rights, with --profile NAME.",
    Failure.ROLE_REFUSED: "AWS does not let this profile take its role ({operation}){said}. Check "
    "role_arn, source_profile and mfa_serial in ~/.aws/config, and the MFA code.",
    Failure.EXPIRED: "AWS no longer accepts these credentials: they have {probably}expired. Log in "
    "again ({login}), paste new ones, or use another profile with --profile NAME.",
    Failure.WRONG_KEYS: "AWS does not know these credentials ({operation}){said}. Check "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, which must belong together, "
    "or unset them and use a profile with --profile NAME. In a region that the account has not "
    "enabled, no credentials are known.",
    Failure.WRONG_CLOCK: "AWS refuses requests because this machine's clock is wrong ({operation})"
    "{said}. Set the clock, or let it be set over the network, and run this again.",
    Failure.NOT_LOGGED_IN: "Nobody is logged in for this profile: {error}. Log in: {login}",
    Failure.NO_CREDENTIALS: "There are no AWS credentials. Log in ({login}), use a profile with "
    "--profile NAME, or, for a stack of `make up`, paste the lines it printed.",
    Failure.NO_REGION: "No AWS region is set. Say where the stack is, such as --region us-west-2.",
    Failure.SETTINGS: "The AWS settings can't be used: {error}. Check --profile and --region, the "
    "variables that begin with AWS_ (an endpoint begins with http:// or https://), and "
    "~/.aws/config.",
    Failure.THROTTLED: "AWS gets too many requests at the moment ({operation}){said}. Wait a "
    "minute, and run this again.",
    Failure.NOT_AWS: "Something other than AWS answered ({error}): a proxy, or a network's login "
    "page. Log in to the network in a browser, or check AWS_ENDPOINT_URL, HTTP_PROXY, HTTPS_PROXY "
    "and NO_PROXY.",
    Failure.UNREACHABLE: "AWS could not be asked: {error}. Check the network, the region, and "
    "AWS_ENDPOINT_URL, HTTP_PROXY and HTTPS_PROXY if they are set.",
    Failure.MISSING: "AWS refused {operation}{said}",
    Failure.REFUSED: "AWS refused {operation}{said}",
}


def _explanation(error: ClientError | BotoCoreError) -> str:
    failure = failure_of(error)
    code, message = _said(error)
    detail = str(error)
    said = f": {message or code}"
    if failure not in {Failure.MISSING, Failure.REFUSED}:
        # Of a wrong signature, all that was signed follows, on lines of its own.
        said = said.partition("\n")[0].rstrip(".")
    if code.isdigit() and failure is Failure.DENIED:
        said = ": S3 does not say why; wrong keys or a wrong clock look the same"
    elif failure is Failure.NOT_AWS and isinstance(error, ClientError):
        # The message is the whole page.
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", code)
        detail = f"HTTP status {status}"
    return _ADVICE[failure].format(
        operation=error.operation_name if isinstance(error, ClientError) else "",
        said=said,
        error=detail.rstrip("."),
        # An answer without a code may have other causes.
        probably="probably " if code.isdigit() else "",
        login=login_command("login" if isinstance(error, LoginError) else "sso login"),
    )


def _expired() -> str:
    return _ADVICE[Failure.EXPIRED].format(probably="", login=login_command())


def _said(error: ClientError | BotoCoreError) -> tuple[str, str]:
    """Return the code and message that AWS answered with; both empty if it didn't."""
    if not isinstance(error, ClientError):
        return "", ""
    said = error.response.get("Error", {})
    return said.get("Code") or "", said.get("Message") or ""
