"""`submitter publish` as a command: what it shows, what it writes, and when it writes nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grading.problem import digest_of, read_problem, write_problem
from submitter.errors import ExitCode
from unit.grading.examples import PROBLEM
from unit.submitter.check.scripted import ScriptedSandbox, scripted_machine
from unit.submitter.contexts import Terminal, run_tool
from unit.submitter.mocked_aws import client, intercept, mocked_bucket
from unit.submitter.problems.folders import EVENT, write_event_folder, write_problem_folder

ADMIN = ("--admin", "m.soltys")
EVENT_KEY = "events/m.soltys/labs.json"
ECHO, SUMS = "events/m.soltys/labs/echo.json", "events/m.soltys/labs/sums.json"


class Staff:
    """A person with an event's folder, and the bucket."""

    def __init__(
        self,
        bucket: str,
        root: Path,
        patch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.root = root
        self.client = client("s3")
        self._bucket, self._patch, self._capsys = bucket, patch, capsys

    def run(self, *arguments: object) -> tuple[int, str, str]:
        return run_tool(self._capsys, "publish", *arguments)

    def report(self, *arguments: object) -> tuple[int, dict[str, Any]]:
        code, output, _ = self.run(*arguments or (self.root,), *ADMIN, "--json")
        return code, json.loads(output)

    def states(self, *arguments: object) -> dict[str, tuple[str, str]]:
        _, report = self.report(*arguments)
        return {each["name"]: (each["change"], each["state"]) for each in report["objects"]}

    def publish(self) -> None:
        assert self.run(self.root, *ADMIN, "--yes")[0] == ExitCode.OK

    def change(self, name: str, content: str) -> None:
        (self.root / name).write_text(content)

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def put_result(self, number: int, problem: str = "sums", **fields: object) -> None:
        subid = f"{number:032x}"
        folder = f"output/m.soltys/labs/{problem}/{subid}"
        for name in (subid, "staff"):
            self.put(f"{folder}/{name}.json", json.dumps(fields).encode())

    def content(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket=self._bucket, Key=key)["Body"].read())

    def versions(self) -> list[str]:
        """Return the keys of all versions below events/, sorted."""
        found = self.client.list_object_versions(
            Bucket=self._bucket, Prefix="events/", MaxKeys=1000
        )
        return [each["Key"] for each in found.get("Versions", [])]

    def meanwhile(self, operation: str, act: Callable[[], object], after: int = 0) -> None:
        """Have something happen before a call to AWS, once it was made so many times."""
        calls = iter(range(after + 2))

        def handle(name: str, _arguments: object, call: Callable[[], Any]) -> object:
            if name == operation and next(calls, None) == after:
                act()
            return call()

        intercept(self._patch, handle)


@pytest.fixture
def staff(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Staff]:
    with mocked_bucket(monkeypatch) as names:
        root = write_event_folder(tmp_path / "labs", "echo", "sums")
        yield Staff(names.bucket_name, root, monkeypatch, capsys)


def test_nothing_is_published_without_yes(staff: Staff) -> None:
    code, output, _ = staff.run(staff.root, *ADMIN)

    assert code == ExitCode.ATTENTION
    assert "Nothing was published: add --yes" in output
    assert staff.versions() == []


def test_an_event_is_published_after_its_problems_and_then_unchanged(staff: Staff) -> None:
    code, report = staff.report(staff.root, "--yes")

    assert code == ExitCode.OK
    assert [each["key"] for each in report["objects"]] == [ECHO, SUMS, EVENT_KEY]
    assert {(each["change"], each["state"]) for each in report["objects"]} == {("new", "published")}
    published = read_problem(staff.content(SUMS))
    assert report["objects"][1]["digest"] == digest_of(published)
    assert staff.versions() == [EVENT_KEY, ECHO, SUMS]
    code, output, _ = staff.run(staff.root, *ADMIN)
    assert (code, "There is nothing to do." in output) == (ExitCode.OK, True)
    staff.publish()
    assert len(staff.versions()) == 3


def test_objects_are_uploaded_in_order(staff: Staff) -> None:
    uploaded = []

    def handle(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        if name == "PutObject":
            uploaded.append(arguments["Key"])
        return call()

    with pytest.MonkeyPatch.context() as patch:
        intercept(patch, handle)
        staff.publish()

    assert uploaded == [ECHO, SUMS, EVENT_KEY]


def test_only_what_changed_is_published(staff: Staff) -> None:
    staff.publish()
    staff.change("sums/data/secret/1.ans", "8\n")

    code, report = staff.report()

    assert code == ExitCode.ATTENTION
    by_name = {each["name"]: each for each in report["objects"]}
    assert [by_name[name]["change"] for name in ("echo", "sums", "labs")] == [
        "unchanged",
        "changed",
        "unchanged",
    ]
    assert by_name["sums"]["differences"]["cases"] == {
        "added": [],
        "removed": [],
        "changed": {"secret/1": ["answer"]},
    }
    staff.publish()
    assert staff.versions() == [EVENT_KEY, ECHO, SUMS, SUMS]


def test_differences_are_shown_without_a_hidden_case_s_content(staff: Staff) -> None:
    staff.publish()
    staff.change("sums/data/secret/1.in", "ROSEBUD\n")
    staff.change("sums/data/secret/1.ans", "ROSEBUD\n")
    staff.change("sums/data/secret/3.in", "ROSEBUD\n")
    staff.change("sums/data/secret/3.ans", "ROSEBUD\n")
    staff.change("event.yaml", EVENT.replace("23:59:00", "12:00:00"))
    shown = [staff.run(staff.root, *ADMIN), staff.run(staff.root, *ADMIN, "--json")]
    shown.append(staff.run(staff.root, *ADMIN, "--yes"))

    _, output, _ = shown[0]
    assert "cases added: secret/3" in output
    assert "cases changed (input, answer): secret/1" in output
    assert "due_date: 2026-11-23T23:59:00+01:00 -> 2026-11-23T12:00:00+01:00" in output
    assert not any("ROSEBUD" in text for _, *texts in shown for text in texts)


def test_results_of_another_digest_become_outdated(staff: Staff) -> None:
    staff.publish()
    old = digest_of(read_problem(staff.content(SUMS)))
    for number in range(12):
        staff.put_result(number, status="completed", problemDigest=old)
    staff.put_result(12, status="rejected")
    staff.put_result(13, problem="echo", problemDigest="another")
    staff.change("sums/data/secret/1.ans", "8\n")

    _, report = staff.report()
    counts = {each["name"]: (each["outdated"], each["results"]) for each in report["objects"]}
    assert counts == {"echo": (0, 0), "sums": (12, 13), "labs": (0, 0)}
    _, output, _ = staff.run(staff.root, *ADMIN)
    assert "12 of 13" in output
    assert "regrade" not in output
    _, output, _ = staff.run(staff.root, *ADMIN, "--yes")
    assert "submitter regrade m.soltys labs" in output


def test_results_of_the_new_digest_are_not_outdated(staff: Staff) -> None:
    """Such as after going back to an earlier version."""
    staff.publish()
    first = staff.content(SUMS)
    staff.put_result(1, problemDigest=digest_of(read_problem(first)))
    staff.put(SUMS, write_problem(PROBLEM))

    _, report = staff.report()

    assert (report["objects"][1]["outdated"], report["objects"][1]["results"]) == (0, 1)


def test_a_problem_alone_is_published_in_its_event(staff: Staff) -> None:
    code, output, _ = staff.run(staff.root / "sums", *ADMIN, "--yes")

    assert code == ExitCode.OK
    assert staff.versions() == [SUMS]
    assert "The event labs is not published" in output
    staff.publish()
    _, output, _ = staff.run(staff.root / "sums", *ADMIN)
    assert "is not published" not in output


def test_a_problem_outside_of_an_event_needs_the_event_s_name(staff: Staff, tmp_path: Path) -> None:
    folder = write_problem_folder(tmp_path / "sums")

    code, _, errors = staff.run(folder, *ADMIN)
    assert (code, "--event NAME" in errors) == (ExitCode.USAGE, True)
    assert staff.run(folder, *ADMIN, "--event", "labs", "--yes")[0] == ExitCode.OK
    assert staff.versions() == [SUMS]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--admin", "a/b"), "The admin"),
        (("--admin", "a", "--event", "e/f"), "The event"),
        ((), "--admin"),
    ],
)
def test_a_name_that_no_submission_can_have_is_refused(
    staff: Staff, arguments: tuple[str, ...], says: str
) -> None:
    code, _, errors = staff.run(staff.root, *arguments, "--yes")

    assert (code, says in errors) == (ExitCode.USAGE, True)
    assert staff.versions() == []


def test_errors_of_the_folder_stop_it(staff: Staff) -> None:
    (staff.root / "sums/data/secret/1.ans").unlink()

    code, _, errors = staff.run(staff.root, *ADMIN, "--yes")

    assert code == ExitCode.USAGE
    assert "secret/1" in errors
    assert staff.versions() == []


def test_other_published_problems_stay_and_are_named(staff: Staff) -> None:
    for name in ("old.json", "deeper/no_problem.json", "notes.txt"):
        staff.put(f"events/m.soltys/labs/{name}", write_problem(PROBLEM))

    code, report = staff.report(staff.root, "--yes")

    assert (code, report["not_in_folder"]) == (ExitCode.OK, ["old"])
    assert staff.content("events/m.soltys/labs/old.json")


@pytest.mark.parametrize("content", [b"ROSEBUD", write_problem(PROBLEM).replace(b"Sums", b"Sum")])
def test_what_is_damaged_is_published_again(staff: Staff, content: bytes) -> None:
    staff.publish()
    staff.put(SUMS, content)

    assert staff.states()["sums"] == ("unreadable", "to_publish")
    staff.publish()
    assert read_problem(staff.content(SUMS)).name == "Sums"


@pytest.mark.parametrize("is_new", [True, False])
def test_a_conflict_before_the_first_upload_changes_nothing(staff: Staff, *, is_new: bool) -> None:
    """Also of the object that comes last."""
    if not is_new:
        staff.publish()
        staff.change("sums/data/secret/1.ans", "8\n")
        staff.change("event.yaml", EVENT.replace("23:59:00", "12:00:00"))
    before = staff.versions()
    # Somebody publishes when all is compared.
    staff.meanwhile("HeadObject", lambda: staff.put(EVENT_KEY, b"theirs"))

    code, output, _ = staff.run(staff.root, *ADMIN, "--yes")

    assert code == ExitCode.ATTENTION
    assert "Somebody published at the same time. Nothing was changed" in output
    assert staff.versions() == [EVENT_KEY, *before]
    assert staff.content(EVENT_KEY) == b"theirs"


@pytest.mark.parametrize("is_new", [True, False])
def test_a_conflict_during_the_upload_ends_it(staff: Staff, *, is_new: bool) -> None:
    if not is_new:
        staff.publish()
        for name in ("echo", "sums"):
            staff.change(f"{name}/data/secret/1.ans", "8\n")
        staff.change("event.yaml", EVENT.replace("23:59:00", "12:00:00"))
    before = staff.content(EVENT_KEY) if not is_new else None
    put = staff.client.put_object
    bucket = staff._bucket  # noqa: SLF001
    first = iter([True])

    def theirs() -> None:
        if next(first, False):
            put(Bucket=bucket, Key=SUMS, Body=b"theirs")

    staff.meanwhile("PutObject", theirs, after=1)
    code, report = staff.report(staff.root, "--yes")

    assert code == ExitCode.ATTENTION
    assert [each["state"] for each in report["objects"]] == ["published", "conflict", "to_publish"]
    assert staff.content(SUMS) == b"theirs"
    assert before is None or staff.content(EVENT_KEY) == before


def test_an_upload_whose_answer_was_lost_is_no_conflict(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repeated(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        if name == "PutObject":
            call()
        return call()

    intercept(monkeypatch, repeated)

    code, report = staff.report(staff.root, "--yes")

    assert code == ExitCode.OK
    assert {each["state"] for each in report["objects"]} == {"published"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject"),
            ExitCode.UNAVAILABLE,
        ),
    ],
)
def test_the_report_shows_what_was_published_however_it_ends(
    staff: Staff, error: BaseException, code: ExitCode
) -> None:
    def fail() -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        staff._patch, before = patch, staff._patch  # noqa: SLF001
        staff.meanwhile("PutObject", fail, after=1)
        ended, output, _ = staff.run(staff.root, *ADMIN, "--yes", "--json")
        staff._patch = before  # noqa: SLF001

    assert ended == code
    states = [each["state"] for each in json.loads(output)["objects"]]
    assert states == ["published", "failed", "to_publish"]
    staff.publish()
    assert staff.versions() == [EVENT_KEY, ECHO, SUMS]


def test_check_runs_the_programs_first_and_stops_at_a_broken_promise(staff: Staff) -> None:
    right = "submissions/accepted/right.py"
    staff.change(f"echo/{right}", "sum\n")
    staff.change(f"sums/{right}", "zero\n")
    sandbox = ScriptedSandbox()

    with scripted_machine(sandbox):
        code, output, errors = staff.run(staff.root, *ADMIN, "--check", "--yes")
        assert (code, output) == (ExitCode.ATTENTION, "")
        assert f"sums/{right}: WA" in errors
        assert "1 of 2 programs did not get what they must" in errors
        # The answers of hidden cases, which `check` shows.
        assert '"7"' not in errors
        assert staff.versions() == []
        staff.change(f"sums/{right}", "sum\n")
        assert staff.run(staff.root, *ADMIN, "--check", "--yes")[0] == ExitCode.OK
        runs = len(sandbox.runs)
        staff.publish()
    assert len(sandbox.runs) == runs > 0
    assert len(staff.versions()) == 3


def test_progress_is_shown_on_a_terminal(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    staff.run(staff.root, *ADMIN, "--yes")

    assert "Publishing" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


@pytest.mark.parametrize("operation", ["GetObject", "ListObjectsV2"])
def test_a_missing_right_is_an_error_of_one_sentence(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    def deny(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        if name == operation:
            raise ClientError(
                {
                    "Error": {"Code": "AccessDenied", "Message": "no"},
                    "ResponseMetadata": {"HTTPStatusCode": 500},  # type: ignore[typeddict-item]
                },
                name,
            )
        return call()

    intercept(monkeypatch, deny)

    code, output, errors = staff.run(staff.root, *ADMIN, "--yes")

    assert (code, output) == (ExitCode.UNAVAILABLE, "")
    assert f"({operation})" in errors
    assert staff.versions() == []
