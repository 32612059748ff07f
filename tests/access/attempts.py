"""Makes the table's calls, and separates denials from other answers."""

from enum import StrEnum

from botocore.exceptions import ClientError

from access.principals import Principal
from access.stage import Stage
from access.table import Row


class Answer(StrEnum):
    """AWS's answer to a call."""

    ALLOWED = "allowed"
    DENIED = "denied"


_DENIALS = frozenset({"AccessDenied", "AccessDeniedException"})
_FORBIDDEN = "403"
"""All that an answer to a HEAD request can say."""


def expected(row: Row, principal: Principal) -> Answer:
    """Return what the table says."""
    return Answer.ALLOWED if principal in row.allowed else Answer.DENIED


def attempt(stage: Stage, row: Row, principal: Principal) -> Answer:
    """Make a row's call as a principal.

    Raises:
        ClientError: AWS neither did what was asked nor denied it.
    """
    arguments = row.arguments(stage)
    call = getattr(stage.account.client(row.service, principal), row.operation)
    try:
        answer = call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _DENIALS or (row.operation.startswith("head_") and code == _FORBIDDEN):
            return Answer.DENIED
        if code == row.undone_as:
            return Answer.ALLOWED
        raise
    # DeleteObjects says object by object what it did not do.
    refused = {each["Code"] for each in answer.get("Errors", [])}
    if refused:
        assert refused <= _DENIALS, answer
        return Answer.DENIED
    assert "FunctionError" not in answer, answer
    assert not answer.get("Failed"), answer
    return Answer.ALLOWED
