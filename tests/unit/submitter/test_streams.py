"""Where results go: pipes without a width or a reader, full disks, and narrow encodings."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from emulation.project import ROOT, SCRIPTS

KEY = f"submissions/{'a' * 60}/{'e' * 60}/Zoë-課題/{'f' * 32}/{'f' * 32}.json"

# A command's report, or what it writes line by line, without any AWS.
PROGRAM = f"""
import sys
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table
from rich.text import Text

from submitter import cli
from submitter.output import Output, escape
from submitter.errors import SubmitterError

KEY = {KEY!a}


@dataclass
class Report:
    key: str


def table(report):
    table = Table(box=None, pad_edge=False)
    table.add_column("key", overflow="fold")
    table.add_column("what", overflow="fold")
    table.add_row(escape(report.key), escape("word " * 40))
    table.add_row(escape("x"), escape("y"))
    return Group(table, escape(report.key + " " + "word " * 40 + report.key))


def report():
    what = sys.argv[1]
    if what == "error":
        raise SubmitterError(KEY)
    output = Output(as_json=what == "json")
    output.show(Report(KEY), table)
    raise SystemExit(1)


if sys.argv[1] != "--help":
    cli.app = report
cli.main()
"""


@dataclass(frozen=True)
class Done:
    """A process that has ended."""

    exit_code: int
    output: str
    errors: str


def environment(**variables: str) -> dict[str, str]:
    """Return the program's environment, without what a person may have set for terminals."""
    unwanted = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "LC_ALL", "PYTHONUTF8"}
    usual = {name: value for name, value in os.environ.items() if name not in unwanted}
    path = os.pathsep.join(map(str, (SCRIPTS, ROOT / "lambda")))
    return usual | {"PYTHONPATH": path} | variables


def run(what: str, redirection: str = "", **variables: str) -> Done:
    """Run the program in a shell, with standard output or error redirected."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -c "$1" {what} {redirection}', sys.executable, PROGRAM],
        env=environment(**variables),
        capture_output=True,
        check=False,
    )
    output, errors = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
    return Done(done.returncode, output, errors)


def test_keys_and_sentences_are_whole_on_a_pipe() -> None:
    variables = {"COLUMNS": "40", "FORCE_COLOR": "1"}
    done = run("table", **variables)
    heading, row, short, sentence = done.output.splitlines()

    assert done.exit_code == 1
    assert done.errors == ""
    assert row.startswith(KEY)
    assert sentence == f"{KEY} {'word ' * 40}{KEY}"
    for line in (heading, row, short):
        assert line == line.rstrip(), "a table fills its lines up"
    assert run("error", **variables).errors == f"error: {KEY}\n"


def test_coloured_lines_on_a_pipe_have_no_padding() -> None:
    script = PROGRAM.replace('escape("y")', 'escape("y", "red")')
    assert script != PROGRAM
    done = subprocess.run(
        [sys.executable, "-c", script, "table"],
        env=environment(FORCE_COLOR="1"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "\x1b[31my\x1b[0m\n" in done.stdout


def test_full_disk_sends_the_report_to_standard_error() -> None:
    done = run("json", "> /dev/full")

    assert done.exit_code == 3
    assert "No space left on device" in done.errors.splitlines()[-1]
    assert "Traceback" not in done.errors
    assert json.loads(done.errors.rpartition("error: ")[0])["key"] == KEY


def test_help_on_a_full_disk_is_an_error() -> None:
    done = run("--help", "> /dev/full")

    assert done.exit_code == 3
    assert done.errors == (
        "error: Standard output can't be written: No space left on device. Redirect it elsewhere.\n"
    )


def test_closed_standard_output_is_an_error() -> None:
    done = run("table", ">&-")

    assert done.exit_code == 3
    assert done.errors == (
        "error: Standard output is closed, so nothing could be shown. Open it.\n"
    )


@pytest.mark.parametrize("what", ["table", "--help"])
def test_closed_pipe_ends_the_tool_quietly(what: str) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, what],
            env=environment(),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(write)

    # What the command ends with, be it read or not.
    assert (done.returncode, done.stderr) == (0 if what == "--help" else 1, "")


@pytest.mark.parametrize(
    ("what", "exit_code", "redirection"), [("table", 1, "2>&-"), ("error", 3, "2> /dev/full")]
)
def test_lost_standard_error_changes_no_result(what: str, exit_code: int, redirection: str) -> None:
    done = run(what, redirection)

    assert done.exit_code == exit_code
    assert (KEY in done.output) == (what == "table")


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "latin-1:strict"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
)
def test_characters_that_the_encoding_lacks_are_escaped(variables: dict[str, str]) -> None:
    shown, error = run("table", **variables), run("error", **variables)

    assert (shown.exit_code, error.exit_code) == (1, 3)
    for text in (shown.output, error.errors):
        assert r"\u8ab2\u984c" in text
        assert "Traceback" not in text
