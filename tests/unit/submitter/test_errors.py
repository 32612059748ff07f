"""Errors of AWS: the advice for each, and whether to retry."""

import json
import re
from typing import NoReturn

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    IncompleteReadError,
    InvalidRegionError,
    LoginRefreshRequired,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from typer.testing import CliRunner

from submitter.cli import app
from submitter.errors import (
    ExitCode,
    SubmitterError,
    as_submitter_error,
    explain,
    is_missing,
    may_pass,
    unusable_settings,
)
from submitter.invocation import remember_options

EXPIRED_SIGNATURE = (
    "Signature expired: 20261124T013000Z is now earlier than 20261124T021500Z "
    "(20261124T023000Z - 15 min.)"
)
EARLY_SIGNATURE = "Signature not yet current: 20261124T033000Z is still later than 20261124T0230Z"


def said(code: str, message: str = "So it is.", operation: str = "ListObjectsV2") -> ClientError:
    """Return an error as AWS sends it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


DENIED = r"does not let these credentials do this \(.*operator policy.*--profile NAME\)\.$"
EXPIRED = r"have expired\. Log in again \(aws sso login\)"
WRONG_KEYS = r"does not know these credentials .*AWS_ACCESS_KEY_ID.*AWS_SESSION_TOKEN"
CLOCK = r"this machine's clock is wrong .*Set the clock"
LOGIN = r"Nobody is logged in .*Log in: aws sso login$"
SETTINGS = r"AWS settings can't be used: .*Check --profile"
NOT_AWS = r"Something other than AWS answered \(HTTP status \d+\): a proxy, or a network's login"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        *((said(code), DENIED) for code in ("AccessDenied", "AccessDeniedException")),
        (said("KMS.AccessDeniedException"), DENIED),
        (said("403", "Forbidden", "HeadObject"), r"S3 does not say why.*--profile"),
        (said("ForbiddenException", "No access", "GetRoleCredentials"), DENIED),
        (said("AccessDenied", "No.", "AssumeRole"), r"take its role \(AssumeRole\): No\. Check ro"),
        *((said(code), EXPIRED) for code in ("ExpiredToken", "ExpiredTokenException")),
        (said("TokenRefreshRequired"), EXPIRED),
        (said("400", "Bad Request", "HeadObject"), r"have probably expired\. Log in again"),
        (RefreshWithMFAUnsupportedError(), EXPIRED),
        *(
            (said(code), WRONG_KEYS)
            for code in (
                "AuthFailure",
                "InvalidAccessKeyId",
                "InvalidClientTokenId",
                "InvalidSignatureException",
                "InvalidToken",
                "MissingAuthenticationToken",
                "SignatureDoesNotMatch",
                "UnrecognizedClientException",
            )
        ),
        (said("RequestTimeTooSkewed"), CLOCK),
        (said("RequestExpired"), CLOCK),
        *(
            (said(code, message), CLOCK)
            for code in ("SignatureDoesNotMatch", "InvalidSignatureException")
            for message in (EXPIRED_SIGNATURE, EARLY_SIGNATURE)
        ),
        (SSOTokenLoadError(error_msg="Token for https://x does not exist"), LOGIN),
        (UnauthorizedSSOTokenError(), LOGIN),
        (said("UnauthorizedException", "Session token not found", "GetRoleCredentials"), LOGIN),
        (said("InvalidGrantException", "Invalid refresh token", "CreateToken"), LOGIN),
        (TokenRetrievalError(provider="sso", error_msg="Token has expired"), LOGIN),
        (LoginRefreshRequired(), r"Log in: aws login$"),
        (NoCredentialsError(), r"There are no AWS credentials\. Log in"),
        (NoRegionError(), r"No AWS region is set.*--region us-west-2"),
        (PartialCredentialsError(provider="env", cred_var="X"), SETTINGS),
        (CredentialRetrievalError(provider="custom-process", error_msg="no"), SETTINGS),
        (ProfileNotFound(profile="x"), SETTINGS),
        (ConfigParseError(path="x", error="y"), SETTINGS),
        (InvalidRegionError(region_name="us east"), SETTINGS),
    ],
)
def test_permanent_error_has_advice_and_ends_a_watch(
    error: ClientError | BotoCoreError, advice: str
) -> None:
    explained = explain(error)

    assert re.search(advice, str(explained))
    assert explained.exit_code is ExitCode.UNAVAILABLE
    assert not may_pass(error)
    assert not is_missing(error)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (said("ThrottlingException"), r"too many requests at the moment.*Wait a minute"),
        (said("SlowDown"), r"too many requests"),
        (
            said("InternalError", "Busy."),
            r"^AWS refused ListObjectsV2: Busy\. Run this again; .*reference\.$",
        ),
        (said("InternalError", ""), r"^AWS refused ListObjectsV2: InternalError\. Run "),
        (said("403", "<html>\nLog in"), NOT_AWS),
        (said("302", "<html>\nLog in"), NOT_AWS),
        (said("502", "Bad Gateway"), NOT_AWS),
        (EndpointConnectionError(endpoint_url="https://s3"), r"could not be asked: .*the network"),
        (ConnectTimeoutError(endpoint_url="https://s3"), r"could not be asked: "),
        (ReadTimeoutError(endpoint_url="https://s3"), r"could not be asked: "),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), r"could not be asked: "),
    ],
)
def test_passing_error_is_retried(error: ClientError | BotoCoreError, advice: str) -> None:
    explained = explain(error)

    assert re.search(advice, str(explained))
    assert "<html>" not in str(explained)
    assert explained.exit_code is ExitCode.UNAVAILABLE
    assert may_pass(error)
    assert not is_missing(error)


@pytest.mark.parametrize(
    "error",
    [
        said("404", "Not Found", "HeadBucket"),
        said("NoSuchBucket"),
        said("ResourceNotFoundException", operation="FilterLogEvents"),
        said("AWS.SimpleQueueService.NonExistentQueue", operation="GetQueueAttributes"),
    ],
)
def test_missing_resource_is_recognised(error: ClientError) -> None:
    assert is_missing(error)
    assert not may_pass(error)
    assert re.search(
        r"^A resource of the stack does not exist \(\w+\): .*[^.]\. Run `submitter doctor`; ",
        str(explain(error)),
    )
    assert not is_missing(said("404", "Not Found", "FilterLogEvents"))


def test_signature_error_shows_only_its_first_line() -> None:
    message = "The signature does not match.\n\nThe Canonical String should have been\n'POST"

    assert "(ListObjectsV2): The signature does not match. Check" in str(
        explain(said("SignatureDoesNotMatch", message))
    )


def test_login_to_copy_names_the_profile() -> None:
    remember_options(stack="s", profile="my course", region=None)

    assert "(aws sso login --profile 'my course')" in str(explain(said("ExpiredToken")))


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [
        (("publish", "labs", "--admin", "a"), "author policy"),
        (("regrade", "a", "e"), "author policy"),
        (("grades", "a", "e"), "gradebook reader policy"),
        (("report", "a", "e"), "gradebook reader policy"),
        (("feedback", "0" * 32), "gradebook reader policy"),
        (("status",), "operator policy, or with the repairing operator's for submit, --yes and "),
    ],
)
def test_denied_request_names_the_commands_policy(
    arguments: tuple[str, ...], policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: object, *, as_json: bool) -> NoReturn:  # noqa: ARG001 - as the command calls it
        raise said("AccessDenied")

    monkeypatch.setattr(f"submitter.{arguments[0]}.command.context_of", denied)
    done = CliRunner().invoke(app, arguments)

    assert isinstance(done.exception, ClientError)
    assert f"Use a profile with the stack's {policy}" in str(explain(done.exception))


def test_invalid_output_of_credential_process_is_named() -> None:
    with pytest.raises(json.JSONDecodeError) as raised:
        json.loads("rubbish")

    assert "credential_process prints something other" in str(unusable_settings(raised.value))


def test_expired_credentials_of_a_helper_are_recognised() -> None:
    expired = RuntimeError(
        "Credentials were refreshed, but the refreshed credentials are still expired."
    )

    assert re.search(EXPIRED, str(as_submitter_error(expired)))
    assert "Unexpected error: RuntimeError: other" in str(as_submitter_error(RuntimeError("other")))


def test_submitter_error_is_unchanged() -> None:
    error = SubmitterError("So it is.", ExitCode.USAGE)

    assert as_submitter_error(error) is error
    assert re.search(DENIED, str(as_submitter_error(said("AccessDenied"))))
