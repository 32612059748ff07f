"""`submitter submit` as a command: what it leaves to do, and where an interrupted one goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from submitter.cli import app
from submitter.deployment import Deployment
from unit.submitter.mocked_aws import mocked_stack

ROWS = 1000


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
    pages = boto3.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [each["Key"] for page in pages for each in page.get("Versions", [])]


def test_class_that_only_yes_would_submit_is_something_left_to_do(
    stack: Deployment, tmp_path: Path
) -> None:
    _class(tmp_path, 2)

    shown = _submit(tmp_path)
    assert _versions(stack.bucket_name) == []
    done = _submit(tmp_path, "--yes")
    nothing_left = _submit(tmp_path)

    assert (shown.exit_code, done.exit_code, nothing_left.exit_code) == (1, 0, 0)
    assert "Nothing was uploaded: add --yes to submit them." in shown.stdout
    assert "There is nothing to do." in nothing_left.stdout


def test_thousand_submissions_are_uploaded_once(stack: Deployment, tmp_path: Path) -> None:
    _class(tmp_path, ROWS)

    done = _submit(tmp_path, "--yes", "--json")

    assert set(_states(done)) == {"uploaded"}
    versions = _versions(stack.bucket_name)
    assert len(versions) == len(set(versions)) == 2 * ROWS


@pytest.mark.parametrize("uploads", range(7))
def test_interrupted_class_goes_on_where_it_was(
    stack: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploads: int
) -> None:
    """Between any two of its six uploads."""
    _class(tmp_path, 3)
    make_client = boto3.Session.client
    count = 0

    def interrupted(**_: Any) -> None:  # noqa: ANN401 - what botocore gives its handlers
        nonlocal count
        if count == uploads:
            raise KeyboardInterrupt
        count += 1

    def client(session: boto3.Session, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        made = make_client(session, *arguments, **options)
        made.meta.events.register("before-call.s3.PutObject", interrupted)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(boto3.Session, "client", client)
        first = _submit(tmp_path, "--yes", "--json")
    before = _versions(stack.bucket_name)
    second = _submit(tmp_path, "--yes", "--json")

    assert first.exit_code == (130 if uploads < 6 else 0)
    assert "Traceback" not in first.output
    assert len(before) == uploads
    assert second.exit_code == 0
    assert _states(second).count("already_there") == uploads // 2
    after = _versions(stack.bucket_name)
    assert len(after) == len(set(after)) == 6


def test_wrong_list_is_refused_before_the_first_upload(stack: Deployment, tmp_path: Path) -> None:
    _class(tmp_path, 3)
    (tmp_path / "2.py").unlink()

    done = CliRunner().invoke(app, ["submit", str(tmp_path), "--yes"], standalone_mode=False)

    assert "line 4:" in str(done.exception)
    assert _versions(stack.bucket_name) == []
