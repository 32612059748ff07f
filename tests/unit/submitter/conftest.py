"""What the tool's tests start from."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from submitter.invocation import remember_options


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """Forget what a command line settles for its process: variables, and options to repeat."""
    with patch.dict(os.environ):
        yield
    remember_options(stack=None, profile=None, region=None)
