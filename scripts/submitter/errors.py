"""Exit codes, and errors as sentences that say what to do."""

import os
import re
import traceback
from collections.abc import Mapping, Sequence
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

from submitter.invocation import command, login_command, running_command

_DEBUG = "SUBMITTER_DEBUG"
"""An environment variable: if it is set, the traceback of an unexpected error is shown."""


class ExitCode(IntEnum):
    """What every command of `submitter` ends with."""

    OK = 0
    ATTENTION = 1
    """Action needed: by a person, or --yes would do it."""
    USAGE = 2
    UNAVAILABLE = 3
    """The stack was not found, not reached, or refused access."""
    INTERRUPTED = 130
    """Stopped by the user, who can run it again to go on."""


class SubmitterError(Exception):
    """A failure whose text says what happened, to what, and what to do next."""

    def __init__(
        self, text: str, exit_code: ExitCode = ExitCode.UNAVAILABLE, details: Sequence[str] = ()
    ) -> None:
        """Fail with a text for a person, the command's exit code, and details, a line for each."""
        self.lines = (text, *(f"  {each}" for each in details))
        super().__init__("\n".join(self.lines))
        self.exit_code = exit_code


class UsageError(SubmitterError):
    """An option, a name or a file that can't be used."""

    def __init__(self, text: str, details: Sequence[str] = ()) -> None:
        """Fail with a text for a person, and details, a line for each."""
        super().__init__(text, ExitCode.USAGE, details)


class ForeignAnswerError(BotoCoreError):
    """Something other than AWS answered, such as a network's login page."""

    fmt = "HTTP status {status}"


class Failure(Enum):
    """Why AWS could not be asked, or refused; each has its own advice."""

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
    """An invalid setting of the SDK, or a credential helper that fails."""
    MISSING = auto()
    """A resource of the stack does not exist."""
    THROTTLED = auto()
    NOT_AWS = auto()
    UNREACHABLE = auto()
    REFUSED = auto()
    """Anything else that AWS says."""


_PASSING = frozenset({Failure.THROTTLED, Failure.NOT_AWS, Failure.UNREACHABLE, Failure.REFUSED})
"""What may be over by itself; a person must fix the others."""

# Each service has its own codes. Those of all services:
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
    # IAM Identity Center: the login has ended.
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
# The answer to a HEAD request has no body, so its status is its only code.
_HEAD_FAILURES = {"400": Failure.EXPIRED, "403": Failure.DENIED, "404": Failure.MISSING}
# AWS reports a wrong clock under the codes of a wrong signature.
_CLOCK_WORDS = re.compile(r"signature (expired|not yet current)|request has expired", re.IGNORECASE)


def failure_of(error: ClientError | BotoCoreError) -> Failure:
    """Return why AWS could not be asked, or refused."""
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
    code, message = _code_and_message(error)
    if _CLOCK_WORDS.search(message):
        return Failure.WRONG_CLOCK
    if code and not code.isdigit():
        failure = _FAILURES.get(code, Failure.REFUSED)
        is_role = failure is Failure.DENIED and error.operation_name.startswith("AssumeRole")
        return Failure.ROLE_REFUSED if is_role else failure
    if error.operation_name.startswith("Head"):
        return _HEAD_FAILURES.get(code, Failure.REFUSED)
    # AWS's errors have names; a bare status comes from a proxy or a login page.
    return Failure.NOT_AWS


def is_missing(error: ClientError | BotoCoreError) -> bool:
    """Return whether AWS says that a resource of the stack does not exist."""
    return failure_of(error) is Failure.MISSING


def may_pass(error: ClientError | BotoCoreError) -> bool:
    """Return whether the same request may succeed a little later, without anyone's help.

    It won't with missing rights, missing or refused credentials, invalid settings, or a stack that
    does not exist.
    """
    return failure_of(error) in _PASSING


def explain(error: ClientError | BotoCoreError) -> SubmitterError:
    """Return an error of AWS or its SDK as a sentence that says what to do."""
    failure = failure_of(error)
    code, message = _code_and_message(error)
    detail = str(error)
    # The message about a wrong signature continues with all that was signed.
    why = f": {message or code}".partition("\n")[0].rstrip(".")
    if code.isdigit() and failure is Failure.DENIED:
        why = ": S3 does not say why; wrong keys or a wrong clock look the same"
    elif failure is Failure.NOT_AWS and isinstance(error, ClientError):
        # The message is the whole page.
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", code)
        detail = f"HTTP status {status}"
    text = _ADVICE[failure].format(
        operation=error.operation_name if isinstance(error, ClientError) else "",
        why=why,
        error=detail.rstrip("."),
        # A bare status may have other causes.
        probably="probably " if code.isdigit() else "",
        policy=_POLICIES.get(running_command(), _OPERATOR),
        doctor=command("doctor"),
        login=login_command("login" if isinstance(error, LoginError) else "sso login"),
    )
    return SubmitterError(text)


def as_submitter_error(error: Exception) -> SubmitterError:
    """Return any error as a sentence that says what to do."""
    match error:
        case SubmitterError():
            return error
        case ClientError() | BotoCoreError():
            return explain(error)
        case RuntimeError() if _STILL_EXPIRED in str(error):
            text = _ADVICE[Failure.EXPIRED].format(probably="", login=login_command())
            return SubmitterError(text)
    if os.environ.get(_DEBUG):
        traceback.print_exception(error)
    return SubmitterError(
        f"Unexpected error: {type(error).__name__}: {error}. What was done before stays done; run "
        f"this again. If it happens again, set {_DEBUG}=1 to see where."
    )


_STILL_EXPIRED = "refreshed credentials are still expired"
"""The SDK says this in a plain RuntimeError when a helper returns old credentials."""


def unusable_settings(error: Exception) -> SubmitterError:
    """Return a sentence about settings that boto3 can't use.

    Args:
        error: what boto3 raised, or Python, where boto3 does not check a value.
    """
    detail = str(error).rstrip(".")
    if isinstance(error, JSONDecodeError):
        detail = "the profile's credential_process prints something other than JSON"
    elif isinstance(error, (AttributeError, TypeError)):
        detail = "the profile's credential_process prints JSON without credentials"
    return SubmitterError(_ADVICE[Failure.SETTINGS].format(error=detail))


_OPERATOR = "operator policy, or with the repairing operator's for submit, --yes and --round-trip"
_POLICIES: Mapping[str | None, str] = {
    **dict.fromkeys(("publish", "regrade"), "author policy"),
    **dict.fromkeys(("grades", "report", "feedback"), "gradebook reader policy"),
}
"""What a command needs, by its name; the others need the operator's."""

_ADVICE = {
    Failure.DENIED: "AWS does not let these credentials do this ({operation}){why}. Use a profile "
    "with the stack's {policy} (--profile NAME).",
    Failure.ROLE_REFUSED: "AWS does not let this profile take its role ({operation}){why}. Check "
    "role_arn, source_profile and mfa_serial in ~/.aws/config, and the MFA code.",
    Failure.EXPIRED: "AWS no longer accepts these credentials: they have {probably}expired. Log in "
    "again ({login}), paste new ones, or use another profile with --profile NAME.",
    Failure.WRONG_KEYS: "AWS does not know these credentials ({operation}){why}. Check "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, which must belong together, "
    "or unset them and use a profile with --profile NAME. In a region that the account has not "
    "enabled, no credentials are known.",
    Failure.WRONG_CLOCK: "AWS refuses requests because this machine's clock is wrong ({operation})"
    "{why}. Set the clock, or let it be set over the network, and run this again.",
    Failure.NOT_LOGGED_IN: "Nobody is logged in for this profile: {error}. Log in: {login}",
    Failure.NO_CREDENTIALS: "There are no AWS credentials. Log in ({login}), use a profile with "
    "--profile NAME, or, for a stack of `make up`, paste the lines it printed.",
    Failure.NO_REGION: "No AWS region is set. Say where the stack is, such as --region us-west-2.",
    Failure.SETTINGS: "The AWS settings can't be used: {error}. Check --profile and --region, the "
    "variables that begin with AWS_ (an endpoint begins with http:// or https://), and "
    "~/.aws/config.",
    Failure.THROTTLED: "AWS gets too many requests at the moment ({operation}){why}. Wait a "
    "minute, and run this again.",
    Failure.NOT_AWS: "Something other than AWS answered ({error}): a proxy, or a network's login "
    "page. Log in to the network in a browser, or check AWS_ENDPOINT_URL, HTTP_PROXY, HTTPS_PROXY "
    "and NO_PROXY.",
    Failure.UNREACHABLE: "AWS could not be asked: {error}. Check the network, the region, and "
    "AWS_ENDPOINT_URL, HTTP_PROXY and HTTPS_PROXY if they are set.",
    Failure.MISSING: "A resource of the stack does not exist ({operation}){why}. Run `{doctor}`; "
    "`make plan` and `make apply` restore it.",
    Failure.REFUSED: "AWS refused {operation}{why}. Run this again; if it fails again, look the "
    "error up in the service's API reference.",
}


def _code_and_message(error: ClientError | BotoCoreError) -> tuple[str, str]:
    """Return the code and message that AWS answered with; empty if it did not answer."""
    if not isinstance(error, ClientError):
        return "", ""
    answer = error.response.get("Error", {})
    return answer.get("Code") or "", answer.get("Message") or ""
