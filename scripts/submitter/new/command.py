"""`submitter new`."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Group, RenderableType

from submitter.errors import UsageError
from submitter.invocation import command
from submitter.new.templates import event_files, problem_files
from submitter.options import JsonOption, context_of
from submitter.output import unbroken
from submitter.submit.submission import find_folder_fault


class Kind(StrEnum):
    """What to begin with."""

    PROBLEM = "problem"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A folder that was written."""

    folder: str
    files: tuple[str, ...]
    """In the folder."""


def new(
    call: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="A problem, or an event with one problem.")],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Where: a new or empty folder. Its name becomes the problem's or event's.",
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Write a folder to begin with: it works as it is, and `submitter check` shows that.

    Writes nothing over what is there.

    Ends with 0 if it is written, and 2 if the folder is not empty, can't be written, or has a name
    that submissions can't have.
    """
    output = context_of(call, as_json=as_json).output
    if fault := find_folder_fault(folder):
        raise UsageError(f"{folder} can't be the folder's name. {fault}")
    uuid = uuid4()
    today = datetime.now(UTC).astimezone().date()
    files = problem_files(uuid) if kind is Kind.PROBLEM else event_files(today, uuid)
    _write(folder, files)
    output.show(NewFolder(str(folder), tuple(files)), _render)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: name a new folder.")
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{error.filename} can't be written: {error.strerror}.") from None


def _render(written: NewFolder) -> RenderableType:
    return Group(
        *(unbroken(f"{written.folder}/{name}") for name in written.files),
        unbroken(f"Check it: {command(f'check {shlex.quote(written.folder)}')}"),
    )
