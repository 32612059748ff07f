"""Knows the running command, and writes commands for a person to copy with its options."""

import shlex
from contextvars import ContextVar

_OPTIONS: ContextVar[tuple[str, ...]] = ContextVar("_OPTIONS", default=())
_NAME: ContextVar[str | None] = ContextVar("_NAME", default=None)


def remember_options(
    *, stack: str | None, profile: str | None, region: str | None, name: str | None = None
) -> None:
    """Keep the values of the options that choose the stack, and the running command's name.

    None is for an option that was not given.
    """
    _NAME.set(name)
    named = {"--stack": stack, "--profile": profile, "--region": region}
    words = [word for name, value in named.items() if value for word in (name, value)]
    _OPTIONS.set(tuple(words))


def running_command() -> str | None:
    """Return the name of the running command, such as ``publish``; None if there is none."""
    return _NAME.get()


def command(line: str) -> str:
    """Return a command line for the running command's stack.

    Args:
        line: what follows `submitter` and its options, quoted, such as ``redrive intake --yes``.

    Returns:
        The whole line, such as ``submitter --stack course redrive intake --yes``.
    """
    return " ".join(("submitter", *map(shlex.quote, _OPTIONS.get()), line))


def login_command(line: str = "sso login") -> str:
    """Return the AWS CLI's command line that logs in with the running command's profile."""
    words = _OPTIONS.get()
    profile = words[words.index("--profile") :][:2] if "--profile" in words else ()
    return " ".join(("aws", line, *map(shlex.quote, profile)))
