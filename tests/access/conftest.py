"""Two stacks and their principals, for all tests of access."""

from collections.abc import Iterator

import pytest

from access.context import AccessContext, temporary_context


@pytest.fixture(scope="session")
def context() -> Iterator[AccessContext]:
    with temporary_context() as running:
        yield running
