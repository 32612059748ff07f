"""Two stacks and their principals, for every test of access."""

from collections.abc import Iterator

import pytest

from access.surroundings import Surroundings, temporary_surroundings


@pytest.fixture(scope="session")
def surroundings() -> Iterator[Surroundings]:
    with temporary_surroundings() as running:
        yield running
