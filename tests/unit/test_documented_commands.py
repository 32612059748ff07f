"""Every `submitter ...` in the documents and in --help is one that the real parser takes."""

import io
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from typer.core import TyperCommand
from typer.main import get_command

from command_reference import documented_commands, help_text, with_help
from submitter.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "docs/architecture.md",
    "docs/guarantees.md",
    "docs/operating.md",
    "docs/results.md",
    "docs/runbook.md",
    "docs/submissions.md",
    "docs/submitter.md",
)
COMMANDS = (
    *("submit", "why", "status", "watch", "reconcile", "redrive", "doctor"),
    *("new", "check", "publish", "regrade", "grades", "report", "feedback"),
)
WIDTH = 80


def _text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def documented() -> list[tuple[str, str]]:
    """Return the documents' command lines: between backticks, or behind a shell's prompt."""
    return [
        (document, line)
        for document in DOCUMENTS
        for line in re.findall(
            r"`(submitter\b[^`]*)`|^\$ (submitter .+)$", _text(document), re.MULTILINE
        )
        for line in line
        if line and line != "submitter"
    ]


def examples() -> list[tuple[str, str]]:
    """Return the examples at the end of every --help."""
    return [
        (command, line)
        for command in ("", *COMMANDS)
        for line in re.findall(
            r"^ +(submitter .+)$", help_text(command).partition("Examples:")[2], re.MULTILINE
        )
    ]


def complaint(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have a command line parsed, and nothing done; return what the parser has against it."""
    monkeypatch.setattr(TyperCommand, "invoke", lambda *_: None)
    # A pipe or a file behind it is the shell's; an ellipsis is the value of the option before it.
    words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended, redirect_stderr(said), redirect_stdout(said):
        get_command(app).main(words, prog_name="submitter")
    return said.getvalue() if ended.value.code else ""


@pytest.mark.parametrize(("document", "line"), sorted(set(documented() + examples())))
def test_documented_command_line_is_valid(
    document: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = complaint(line, monkeypatch)

    if line.split() == ["submitter", line.rsplit(maxsplit=1)[-1]]:
        # The command's name alone is a mention of it, and need not have its arguments.
        assert "Missing argument" in said or not said, f"{document}: {said}"
    else:
        assert not said, f"{document}: {said}"


@pytest.mark.parametrize(
    "line",
    [
        "submitter stats",
        "submitter status --yes",
        "submitter redrive dead-letters",
        "submitter watch --for ever",
        "submitter why --admin a",
    ],
)
def test_invalid_command_line_is_found(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complaint(line, monkeypatch)


def test_every_document_and_every_help_has_command_lines() -> None:
    assert {document for document, _ in documented()} == set(DOCUMENTS)
    assert {command for command, _ in examples()} == {"", *COMMANDS}


def test_document_shows_the_current_help_of_every_command() -> None:
    document = _text("docs/submitter.md")

    assert set(documented_commands(document)) == {"", *COMMANDS}
    assert document == with_help(document), "Run: make reference"


def test_table_lists_every_command_with_valid_options() -> None:
    rows = re.findall(r"^\| `submitter (\w+)(.*)$", _text("docs/submitter.md"), re.MULTILINE)

    assert {command for command, _ in rows} == set(COMMANDS)
    for command, row in rows:
        for option in re.findall(r"--[a-z-]+", row):
            assert option in help_text(command), f"{command} has no {option}"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_its_width_and_names_exit_codes(command: str) -> None:
    text = help_text(command)

    assert max(map(len, text.splitlines())) <= WIDTH
    assert re.search(r"Ends\s+with\s+[01]", text)
    assert "<float" not in text.partition("Examples:")[0] or command in {"reconcile", "regrade"}


@pytest.mark.parametrize("name", ["SUBMITTER_STACK", "AWS_PROFILE", "AWS_REGION", "NO_COLOR"])
def test_help_explains_environment_variables(name: str) -> None:
    assert name in help_text("")
