"""Settings and fixtures of every test."""

import signal
from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import botocore.session
import pytest
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader

from emulation.endpoint import forget_aws_settings
from emulation.localstack import LocalStack
from emulation.stack import temporary_localstack
from local.intake import ignore_progress

# A run in the background, or a detached one (nohup), ignores interruptions or hang-ups, and so
# would every process under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Tests never use the user's account, profile or proxy.
forget_aws_settings()

# Reading a service's description is most of what a client costs, making its class from it the rest:
# each session and each client would do so anew.
patch.object(botocore.session, "create_loader", cache(create_loader)).start()
_classes: dict[str, type] = {}
_create_class = ClientCreator._create_client_class  # type: ignore[attr-defined]  # noqa: SLF001


def _client_class(creator: ClientCreator, name: str, model: object) -> type:
    if name not in _classes:
        _classes[name] = _create_class(creator, name, model)
    return _classes[name]


patch.object(ClientCreator, "_create_client_class", _client_class).start()
# As is translating events' names, of which each session remembers only its own.
_names = EventAliaser(HierarchicalEmitter())
_translate = EventAliaser._alias_event_name  # type: ignore[attr-defined]  # noqa: SLF001
patch.object(EventAliaser, "_alias_event_name", lambda _, name: _translate(_names, name)).start()


@pytest.fixture(scope="session")
def localstack() -> Iterator[LocalStack]:
    """An embedded AWS with nothing on it yet, one for each process that runs tests."""
    with temporary_localstack(ignore_progress) as running:
        yield running
