"""What every test starts from."""

import signal
from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import botocore.session
import pytest
from botocore.loaders import create_loader

from emulation.localstack import LocalStack, forget_aws_settings
from emulation.stack import temporary_localstack
from local.intake import in_silence

# A run in the background, or a detached one (nohup), ignores interruptions or hang-ups, and so
# would every process under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# No test is about the user's account, profile or proxy.
forget_aws_settings()

# Reading the services' descriptions is most of what a client costs; each session would read them.
patch.object(botocore.session, "create_loader", cache(create_loader)).start()


@pytest.fixture(scope="session")
def localstack() -> Iterator[LocalStack]:
    """An embedded AWS with nothing on it yet, one for each process that runs tests."""
    with temporary_localstack(in_silence) as running:
        yield running
