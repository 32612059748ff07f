"""`submitter submit` as a command: exit codes, reports, and continuing when interrupted."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from submitter.cli import app, main
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import run_tool
from unit.submitter.mocked_aws import client, intercept, mocked_stack

CommandLine = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with mocked_stack(monkeypatch) as deployment:
        yield deployment


def _class(folder: Path, rows: int) -> None:
    lines = ["file,admin,event,problem,tokens"]
    for number in range(rows):
        (folder / f"{number}.py").write_text(f"print({number})\n")
        lines.append(f"{number}.py,a,e,p,t{number}")
    (folder / "submissions.csv").write_text("\n".join(lines))


def _submit(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["submit", *map(str, arguments)])


def _states(done: Result) -> list[str]:
    return [each["state"] for each in json.loads(done.stdout)["submissions"]]


def _versions(bucket: str) -> list[str]:
    pages = client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [each["Key"] for page in pages for each in page.get("Versions", [])]


def test_class_without_yes_exits_with_1(stack: Deployment, tmp_path: Path) -> None:
    _class(tmp_path, 2)

    shown = _submit(tmp_path)
    assert _versions(stack.bucket_name) == []
    done = _submit(tmp_path, "--yes")
    nothing_left = _submit(tmp_path)

    assert (shown.exit_code, done.exit_code, nothing_left.exit_code) == (1, 0, 0)
    assert "Nothing was uploaded: add --yes to submit them." in shown.stdout
    assert "There is nothing to do." in nothing_left.stdout


@pytest.mark.parametrize("rows", [12, pytest.param(1000, marks=pytest.mark.nightly)])
def test_class_is_uploaded_once(stack: Deployment, tmp_path: Path, rows: int) -> None:
    _class(tmp_path, rows)

    done = _submit(tmp_path, "--yes", "--json")

    assert set(_states(done)) == {"uploaded"}
    versions = _versions(stack.bucket_name)
    assert len(versions) == len(set(versions)) == 2 * rows


@pytest.mark.parametrize("uploads", range(7))
def test_interrupted_class_continues_when_run_again(
    stack: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploads: int
) -> None:
    """Between any two of its six uploads."""
    _class(tmp_path, 3)
    allowed = iter(range(uploads))

    def interrupted(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        if name == "PutObject" and next(allowed, None) is None:
            raise KeyboardInterrupt
        return call()

    with monkeypatch.context() as patch:
        intercept(patch, interrupted)
        first = _submit(tmp_path, "--yes", "--json")
    before = _versions(stack.bucket_name)
    second = _submit(tmp_path, "--yes", "--json")

    assert first.exit_code == (130 if uploads < 6 else 0)
    # The report shows what was uploaded, also when interrupted.
    said = ["uploaded"] * (uploads // 2) + ["failed", "to_upload", "to_upload"]
    assert _states(first) == said[:3]
    assert "Traceback" not in first.output
    assert len(before) == uploads
    assert second.exit_code == 0
    assert _states(second).count("already_there") == uploads // 2
    after = _versions(stack.bucket_name)
    assert len(after) == len(set(after)) == 6


def test_invalid_list_uploads_nothing(stack: Deployment, tmp_path: Path) -> None:
    _class(tmp_path, 3)
    (tmp_path / "2.py").unlink()

    done = CliRunner().invoke(app, ["submit", str(tmp_path), "--yes"], standalone_mode=False)

    assert "line 4:" in str(done.exception)
    assert _versions(stack.bucket_name) == []


@pytest.fixture
def command_line(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return partial(run_tool, capsys, "submit")


def _single(folder: Path, *, token: str = "240669d4" * 4) -> tuple[object, ...]:
    file = folder / "lab.py"
    file.write_text("print(1)\n")
    return (file, "--admin", "a", "--event", "e", "--problem", "p", "--token", token)


def test_each_fault_of_a_list_is_one_line(tmp_path: Path, command_line: CommandLine) -> None:
    rows = "".join(f"\x1b]{number}.py,a,e,p,t{number}\n" for number in range(30))
    (tmp_path / "class.csv").write_text(f"file,admin,event,problem,tokens\n{rows}")

    code, _, errors = command_line(tmp_path / "class.csv")

    lines = errors.splitlines()
    assert code == 2
    assert lines[0].startswith("error: Nothing was uploaded")
    assert [line.split(":")[0] for line in lines[1:21]] == [f"  line {n}" for n in range(2, 22)]
    assert lines[21:] == ["  and 10 more"]
    assert "\x1b" not in errors


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("none.csv", None, "There is no file or folder"),
        ("CLASS.XLSX", b"PK\x03\x04", "is a spreadsheet, not a CSV"),
        ("lab.ipynb", b"{}", "is a notebook"),
        ("lab.docx", b"PK\x03\x04", "is not a .py file"),
        ("notes.txt", b"Dear all,\n", "must name the columns"),
        ("lab.py", None, "There is no file or folder"),
    ],
)
def test_other_path_is_refused_with_a_reason(
    tmp_path: Path, command_line: CommandLine, name: str, content: bytes | None, fault: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    code, _, errors = command_line(tmp_path / name)

    assert code == 2
    assert fault in errors


def test_folder_named_like_a_py_is_refused(tmp_path: Path, command_line: CommandLine) -> None:
    (tmp_path / "lab.py").mkdir()

    code, _, errors = command_line(tmp_path / "lab.py")

    assert (code, "is a folder, not a file" in errors) == (2, True)


@pytest.mark.parametrize("token", ["a, b", "a;b", "a b", "2.41E+09", "#N/A"])
def test_token_of_a_single_submission_is_checked(
    stack: Deployment, tmp_path: Path, command_line: CommandLine, token: str
) -> None:
    code, _, errors = command_line(*_single(tmp_path, token=token))

    assert (code, "Token 1 " in errors) == (2, True)
    assert _versions(stack.bucket_name) == []


def test_warnings_are_on_standard_error_and_in_the_json(
    stack: Deployment, tmp_path: Path, command_line: CommandLine
) -> None:
    code, output, errors = command_line(*_single(tmp_path, token="s1"), "--json")

    [warning] = json.loads(output)["warnings"]
    assert code == 0
    assert errors == f"warning: {warning}\n"
    assert warning.startswith("1 of 1 tokens are shorter than 64 bits")
    assert len(_versions(stack.bucket_name)) == 2


@pytest.mark.parametrize("name", ["CLASS.CSV", "class.tsv", "class.txt"])
def test_list_of_one_row_is_a_class(stack: Deployment, tmp_path: Path, name: str) -> None:
    _class(tmp_path, 1)
    (tmp_path / "submissions.csv").rename(tmp_path / name)

    shown = _submit(tmp_path / name)

    assert shown.exit_code == 1
    assert "Nothing was uploaded: add --yes to submit them." in shown.stdout
    assert _versions(stack.bucket_name) == []


def test_refused_wait_reports_what_was_uploaded(
    stack: Deployment, tmp_path: Path, command_line: CommandLine
) -> None:
    client("logs").delete_log_group(logGroupName=stack.function_log_group_name)

    code, output, _ = command_line(*_single(tmp_path), "--wait", "--json")

    assert code == 3
    assert [each["state"] for each in json.loads(output)["submissions"]] == ["uploaded"]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(("output", "options"), [("closed", ()), ("full", ("--json",))])
def test_unwritable_report_is_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, options: tuple[str, ...]
) -> None:
    reader, closed = os.pipe()
    os.close(reader)
    full = os.open(os.devnull if output == "closed" else "/dev/full", os.O_WRONLY)
    errors = io.StringIO()
    monkeypatch.setattr(
        sys, "argv", ["submitter", "submit", *map(str, _single(tmp_path)), *options]
    )
    with os.fdopen(closed, "w") as no_reader, os.fdopen(full, "w") as full_disk:
        monkeypatch.setattr(sys, "stdout", no_reader if output == "closed" else full_disk)
        monkeypatch.setattr(sys, "stderr", errors)
        with pytest.raises(SystemExit) as ended:
            main()
        monkeypatch.undo()

    assert "submissions/a/e/p/" in errors.getvalue()
    assert "Traceback" not in errors.getvalue()
    assert ended.value.code == 3
