"""Output on terminals and in JSON: names cannot send control sequences."""

import io
import json
import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console, Group
from rich.table import Table
from typer.testing import CliRunner

from submitter.cli import app
from submitter.output import Output, escape
from submitter.progress import counted, tracked
from unit.submitter.contexts import Terminal, rendered
from unit.submitter.mocked_aws import client, mocked_stack

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f\r\n\u202e\u2028\ud800[red]x[/red]:boom:"
REPEATABLE = settings(derandomize=True, deadline=None, database=None)


def is_shown(character: str) -> bool:
    """Decide independently of the tool whether a terminal draws this in place."""
    code = ord(character)
    return not (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        or character in "\u00ad\u061c\u180e\u200b\u200e\u200f\ufeff"
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFFF9 <= code <= 0xFFFB
        or 0xE0001 <= code <= 0xE007F
    )


@REPEATABLE
@given(ANY_TEXT)
@example(HOSTILE)
def test_no_text_sends_a_control_sequence(text: str) -> None:
    shown = rendered(escape(text))
    assert all(map(is_shown, shown.replace("\n", "")))
    table = Table()
    table.add_column()
    table.add_row(escape(text))
    assert all(map(is_shown, rendered(table).replace("\n", "")))


@REPEATABLE
@given(ANY_TEXT)
@example(HOSTILE)
def test_only_colours_are_sent_to_a_coloured_terminal(text: str) -> None:
    console = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="standard")
    console.print(escape(text, "bold red"), crop=False)
    assert isinstance(console.file, io.StringIO)
    shown = re.sub(r"\x1b\[(?:1;31|0)m", "", console.file.getvalue())
    assert all(map(is_shown, shown.replace("\n", "")))


@REPEATABLE
@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
@example("Zoë Łukaszewicz: 課題 (1+1=2) 100%")
@example("[bold]x[/bold] :boom:")
def test_harmless_text_is_unchanged(text: str) -> None:
    assert rendered(escape(text)) == f"{text}\n"


@pytest.mark.parametrize("text", ["👩\N{ZERO WIDTH JOINER}💻", "می\N{ZERO WIDTH NON-JOINER}خواهم"])
def test_joiners_of_letters_and_emoji_are_unchanged(text: str) -> None:
    assert escape(text).plain == text


def test_control_characters_are_spelled_out() -> None:
    assert escape(HOSTILE).plain == (
        r"\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f\r\n\u202e\u2028\ud800[red]x[/red]:boom:"
    )


@dataclass
class Report:
    """A report as commands make them."""

    key: str
    found: dict[str, list[str]]


@REPEATABLE
@given(text=ANY_TEXT)
@example(text=HOSTILE)
def test_json_is_printable_ascii(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stdout = io.StringIO()
        patch.setattr("sys.stdout", stdout)
        Output(as_json=True).show(Report(text, {text: [text]}), lambda _: "")
    written = stdout.getvalue()
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    # Surrogates that stand side by side are one character to every reader of JSON.
    expected = json.loads(json.dumps(text))
    assert json.loads(written) == {"key": expected, "found": {expected: [expected]}}


@pytest.mark.parametrize("variables", [{}, {"COLUMNS": "40"}, {"FORCE_COLOR": "1"}])
def test_grep_finds_whole_keys_in_a_report(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mocked_stack(monkeypatch) as stack:
        keys = [
            f"submissions/m.soltys/aws_labs/{'lab' * number}/{number:032x}/{number:032x}.py"
            for number in (1, 30)
        ]
        for key in keys:
            client("s3").put_object(Bucket=stack.bucket_name, Key=key)
        done = CliRunner().invoke(app, ["reconcile", "--older-than", "0s", "--no-result"])

    for key in keys:
        assert [line for line in done.stdout.splitlines() if key in line]
    assert not [line for line in done.stdout.splitlines() if line != line.rstrip()]


def test_progress_counts_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    output = Output(as_json=False)

    assert list(counted(output, "Counting:", range(250))) == list(range(250))
    assert list(tracked(output, "Submitting", ["a", "b"])) == ["a", "b"]

    assert "Counting: 200" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()


def test_terminal_folds_sentences_but_not_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"submissions/a/e/p/{'f' * 32}/{'f' * 32}.json"
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")

    table = Table.grid()
    table.add_column(overflow="fold")
    table.add_row(escape(key))
    parts = (
        escape(f"{'word ' * 12}{key} is not announced"),
        escape("a sentence that has more than 40 characters"),
        table,
    )
    Output(as_json=False).show(None, lambda _: Group(*parts))

    lines = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert lines == [
        ("word " * 12).rstrip(),
        key,
        "is not announced",
        "a sentence that has more than 40",
        "characters",
        key,
    ]
