"""Every principal makes every call of the table: who may, does, and everybody else is denied."""

import pytest

from access.attempts import attempt, expected
from access.context import AccessContext
from access.principals import Principal
from access.table import TABLE, Row

# One worker has what all tests of access share.
pytestmark = pytest.mark.xdist_group("access")

_CELLS = [(row, principal) for row in TABLE for principal in row.principals]


@pytest.mark.parametrize(
    ("row", "principal"), _CELLS, ids=[f"{principal}: {row.what}" for row, principal in _CELLS]
)
def test_call_is_answered_as_in_the_table(
    context: AccessContext, row: Row, principal: Principal
) -> None:
    assert attempt(context.stage, row, principal) == expected(row, principal)


def test_table_names_each_call_once() -> None:
    names = [row.what for row in TABLE]
    assert sorted(names) == sorted(set(names))
