"""`submitter grades` as a command: who is in which row, what is said, and the CSVs' bytes."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grading.event import Rule
from submission.data import write_data
from submission.keys import SubmissionKey
from submitter.cli import main
from submitter.errors import SubmitterError, explain
from unit.submitter.contexts import Terminal
from unit.submitter.grades.graded_course import (
    ADMIN,
    CLOSED,
    EARLY,
    EVENT,
    LATE,
    Course,
    key_of,
    running_course,
)
from unit.submitter.mocked_aws import client, intercept

ROSTER = """token,student,id,sis_user_id,sis_login_id,section
anna,"Ash, Anna",101,s101,anna@example.org,A
ben,"Birch, Ben",102,s102,ben@example.org,A
cleo,"Čapek, Cléo",103,s103,cleo@example.org,B
dora,"Dale, Dora",104,s104,dora@example.org,B
"""


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    with running_course(monkeypatch) as running:
        yield running


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "class.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


def _students(report: dict[str, Any]) -> dict[str, dict[str, tuple[str, float | None]]]:
    return {
        row["student"]["student"]: {
            problem: (grade["state"], grade["score"]) for problem, grade in row["grades"].items()
        }
        for row in report["students"]
    }


def _cells(done: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(done.decode(), newline="")))


def test_student_in_two_teams_has_the_grade_of_each(course: Course, roster: Path) -> None:
    """Of three people each, for two problems."""
    course.hand_in("lab5", "anna", "ben", "cleo", score=7.5)
    course.hand_in("lab6", "dora", "cleo", "anna", score=4.25)

    report = course.report("--roster", roster)

    assert _students(report) == {
        "Ash, Anna": {"lab5": ("scored", 7.5), "lab6": ("scored", 4.25)},
        "Birch, Ben": {"lab5": ("scored", 7.5), "lab6": ("no_submission", None)},
        "Čapek, Cléo": {"lab5": ("scored", 7.5), "lab6": ("scored", 4.25)},
        "Dale, Dora": {"lab5": ("no_submission", None), "lab6": ("scored", 4.25)},
    }
    assert [(each["students"], each["score"]) for each in report["teams"]] == [
        (["Ash, Anna", "Birch, Ben", "Čapek, Cléo"], 7.5),
        (["Ash, Anna", "Čapek, Cléo", "Dale, Dora"], 4.25),
    ]
    assert [row["score"] for row in report["students"]] == [11.75, 7.5, 11.75, 4.25]
    assert report["max_score"] == 20
    # That someone did not hand in needs no person.
    assert report["findings"] == [
        {
            "kind": "no_submission",
            "needs_attention": False,
            "count": 2,
            "where": ["Birch, Ben: lab6", "Dale, Dora: lab5"],
        }
    ]


def test_tokens_may_be_in_any_order_and_twice(course: Course) -> None:
    key = key_of("lab5", "anna", "ben")
    version = course.submit("lab5", "anna", "ben")
    version = course.put(key.data_key, write_data(key, ("ben", "anna", "ben")))
    course.judge("lab5", ("anna", "ben"), version)
    course.hand_in("lab6", "ben", "anna")

    [team] = course.report()["teams"]

    assert (team["size"], team["score"]) == (2, 15)


@pytest.mark.parametrize(("rule", "score"), [(Rule.LAST, 3.0), (Rule.BEST, 9.0)])
def test_student_who_handed_a_problem_in_twice(
    course: Course, roster: Path, rule: Rule, score: float
) -> None:
    course.publish(rule=rule)
    course.hand_in("lab5", "anna", score=9.0)
    course.hand_in("lab5", "anna", "ben", score=3.0, at=LATE)

    report = course.report("--roster", roster)

    assert [row["score"] for row in report["students"]] == [score, 3.0, 0, 0]
    both = sorted(f"lab5/{key_of('lab5', *team).subid}" for team in (["anna"], ["anna", "ben"]))
    assert {each["kind"]: each["where"] for each in report["findings"]}["twice"] == both


@pytest.mark.parametrize(("at", "state"), [(CLOSED, "closed"), (EARLY, "early")])
def test_submission_that_does_not_count_is_no_second_one(
    course: Course, at: datetime, state: str
) -> None:
    course.hand_in("lab5", "anna")
    course.hand_in("lab5", "anna", "ben", at=at)

    assert course.findings().keys() == {state}
    assert course.grade("lab5", "anna")["score"] == 7.5


@pytest.mark.parametrize(
    ("tokens", "kinds"),
    [
        (("anna", "ben", "cleo"), set()),
        (("anna", "ben", "cleo", "dora"), {"large_team"}),
        (("anna", "stranger"), {"unknown_student"}),
    ],
)
def test_teams_that_a_person_must_look_at(
    course: Course, roster: Path, tokens: tuple[str, ...], kinds: set[str]
) -> None:
    course.hand_in("lab5", *tokens)

    findings = course.findings("--roster", roster)

    assert findings.keys() - {"no_submission"} == kinds
    assert all(findings[kind] == [f"lab5/{key_of('lab5', *tokens).subid}"] for kind in kinds)


@pytest.mark.parametrize(
    "data", [b"{}", b"not JSON", b'{"tokens": ["anna"]}', b'{"tokens": "anna"}']
)
def test_submission_without_tokens_is_left_out_and_said(course: Course, data: bytes) -> None:
    key = key_of("lab5", "anna")
    course.submit("lab5", "anna")
    course.put(key.data_key, data)

    assert course.findings() == {"unreadable": [f"lab5/{key.subid}"]}


@pytest.mark.parametrize("tokens", [(), ("",), ("a\x1bb",), ("a\ud800",)])
def test_tokens_that_nobody_can_have(course: Course, tokens: tuple[str, ...]) -> None:
    key = key_of("lab5", "anna")
    course.submit("lab5", "anna")
    course.put(key.data_key, write_data(key, tokens))

    assert course.findings() == {"unreadable": [f"lab5/{key.subid}"]}


def test_problem_graded_with_several_versions(course: Course) -> None:
    course.hand_in("lab5", "anna")
    course.hand_in("lab5", "ben", problemDigest="newer", max_score=12.0)

    report = course.report()

    assert report["findings"][0]["kind"] == "mixed_problem"
    assert report["problems"] == [{"name": "lab5", "max_score": 12.0}]


@pytest.mark.parametrize("said", [{"at": CLOSED}, {"status": "failed"}, {"status": "rejected"}])
def test_result_without_a_score_does_not_mix_versions(course: Course, said: dict[str, Any]) -> None:
    course.hand_in("lab5", "anna")
    course.hand_in("lab5", "ben", problemDigest="older", **said)

    assert "mixed_problem" not in course.findings()


def test_published_problem_without_submissions_has_a_column(course: Course) -> None:
    course.publish("lab6", "lab4")
    course.hand_in("lab5", "anna")

    report = course.report()

    assert [(each["name"], each["max_score"]) for each in report["problems"]] == [
        ("lab4", None),
        ("lab5", 10.0),
        ("lab6", None),
    ]
    # Nobody can say of how many points the total is.
    assert report["max_score"] is None


def test_other_events_are_others(course: Course) -> None:
    for admin, event in ((ADMIN, f"{EVENT}2"), (f"{ADMIN}2", EVENT)):
        key = SubmissionKey(admin, event, "lab5", "0" * 32)
        course.put(key.data_key, write_data(key, ("anna",)))

    assert course.report()["teams"] == []


def test_sums_are_exact(course: Course) -> None:
    for number in range(10):
        course.hand_in(f"lab{number}", "anna", score=0.1)

    assert course.report()["teams"][0]["score"] == 1


def test_table_shows_teams_problems_and_what_is_missing(course: Course, roster: Path) -> None:
    course.hand_in("lab5", "anna", "ben", at=LATE)
    course.submit("lab6", "anna", "ben")

    done = course.grades("--roster", roster)

    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines == [
        "team lab5 /10 lab6 total late days",
        "Ash, Anna, Birch, Ben 7.5 (late 2) not graded ? 2",
        "Čapek, Cléo - - 0",
        "Dale, Dora - - 0",
        "",
        "Rule last: 1 scored, 1 ungraded, 4 no submission.",
    ]
    assert done.exit_code == 1
    warning, note = done.stderr.splitlines()
    subid = key_of("lab6", "anna", "ben").subid
    assert warning.startswith("warning: 1 submission not graded yet")
    assert f"submitter why {subid}: lab6/{subid}" in warning
    assert note == (
        "note: 2 students without a submission: Čapek, Cléo: lab5, lab6; Dale, Dora: lab5, lab6"
    )


def test_long_findings_are_cut_off(course: Course) -> None:
    for number in range(12):
        course.submit("lab5", f"t{number}")

    done = course.grades()

    assert "12 submissions not graded yet" in done.stderr
    assert done.stderr.rstrip().endswith("; and 2 more")
    assert len(course.findings()["ungraded"]) == 12


def test_plain_csv_without_a_roster_has_tokens(course: Course) -> None:
    course.hand_in("lab5", "anna", "ben", at=LATE)
    course.hand_in("lab6", "ben", score=10.0)

    done = course.grades("--csv", "plain")

    assert done.exit_code == 0
    assert done.stdout_bytes == (
        b'"token","lab5","lab5 late_days","lab5 state","lab6","lab6 late_days","lab6 state",'
        b'"total","max_total","total_late_days"\r\n'
        b'"anna",7.5,2,"scored",,0,"no_submission",7.5,20,2\r\n'
        b'"ben",7.5,2,"scored",10,0,"scored",17.5,20,2\r\n'
    )


def test_plain_csv_with_a_roster_has_its_students(course: Course, roster: Path) -> None:
    course.hand_in("lab5", "cleo", "stranger")
    course.submit("lab5", "ben")

    done = course.grades("--csv", "plain", "--roster", roster)

    header, anna, ben, cleo, dora = _cells(done.stdout_bytes)
    assert header[:6] == ["student", "id", "sis_user_id", "sis_login_id", "section", "lab5"]
    assert cleo[:6] == ["Čapek, Cléo", "103", "s103", "cleo@example.org", "B", "7.5"]
    # What is not graded has no score, and what is not handed in adds nothing.
    assert [row[5:] for row in (anna, ben, dora)] == [
        ["", "0", "no_submission", "0", "10", "0"],
        ["", "0", "ungraded", "", "10", "0"],
        ["", "0", "no_submission", "0", "10", "0"],
    ]
    assert b"stranger" not in done.stdout_bytes
    assert "1 submission by a student who is not in the roster" in done.stderr


def test_canvas_csv(course: Course, roster: Path) -> None:
    course.hand_in("lab5", "anna", "cleo")
    course.hand_in("lab6", "ben", score=0.0)

    done = course.grades("--csv", "canvas", "--roster", roster, "--assignment", "lab5=4711")

    assert done.exit_code == 0
    assert done.stdout_bytes.decode() == (
        '"Student","ID","SIS User ID","SIS Login ID","Section","lab5 (4711)","lab6"\r\n'
        '"    Points Possible",,,,,10,10\r\n'
        '"Ash, Anna","101","s101","anna@example.org","A",7.5,\r\n'
        '"Birch, Ben","102","s102","ben@example.org","A",,0\r\n'
        '"Čapek, Cléo","103","s103","cleo@example.org","B",7.5,\r\n'
        '"Dale, Dora","104","s104","dora@example.org","B",,\r\n'
    )


def test_canvas_gets_no_score_that_may_get_better(course: Course, roster: Path) -> None:
    course.publish(rule=Rule.BEST)
    course.hand_in("lab5", "anna")
    course.submit("lab5", "anna")

    done = course.grades("--csv", "canvas", "--roster", roster)

    assert _cells(done.stdout_bytes)[2][5:] == [""]
    assert done.exit_code == 1


def test_no_cell_is_a_formula(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text(
        'token,student,id\nanna,"=HYPERLINK(""http://x"",""y"")",1\nben,"Ben;=1+1",2\n'
        "cleo,@SUM(1),3\n"
    )
    course.hand_in("=1+1", "anna")

    done = course.grades("--csv", "canvas", "--roster", path)

    header, _, *students = _cells(done.stdout_bytes)
    assert header[5] == "'=1+1"
    assert [row[0] for row in students] == [
        '\'=HYPERLINK("http://x","y")',
        "Ben;'=1+1",
        "'@SUM(1)",
    ]


def test_plain_csv_of_tokens_that_begin_like_formulas(course: Course) -> None:
    course.hand_in("lab5", "-x1")

    assert _cells(course.grades("--csv", "plain").stdout_bytes)[1][0] == "'-x1"


def test_csv_is_utf_8_with_crlf_in_any_locale(
    course: Course, roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where the streams translate line ends and are in the locale's encoding."""
    course.hand_in("lab5", "cleo")
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="latin-1", newline="\r\n")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(
        sys,
        "argv",
        ["submitter", "grades", ADMIN, EVENT, "--csv", "plain", "--roster", str(roster)],
    )

    with pytest.raises(SystemExit):
        main()

    assert "Čapek" in written.getvalue().decode()
    assert written.getvalue().count(b"\r\n") == 5
    assert b"\r\r" not in written.getvalue()


def test_same_bucket_gives_the_same_bytes(course: Course, roster: Path) -> None:
    for number in range(12):
        course.hand_in(f"lab{number % 3}", f"t{number % 7}", "anna", score=number / 3)

    for options in ((), ("--json",), ("--csv", "plain"), ("--csv", "canvas")):
        first, second = (course.grades("--roster", roster, *options) for _ in range(2))
        assert first.stdout_bytes == second.stdout_bytes
        assert first.stderr == second.stderr
        assert len(first.stdout_bytes) > 100


def test_json_has_no_token(course: Course, roster: Path) -> None:
    course.hand_in("lab5", "secret1", "anna")
    course.submit("lab5", "secret2")

    with_roster, without = course.grades("--json", "--roster", roster), course.grades("--json")

    for done in (with_roster, without):
        assert "secret" not in done.output
    assert '"anna"' not in with_roster.output + without.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--csv", "plain", "--json"), "exclude each other"),
        (("--csv", "canvas"), "give them by --roster"),
        (("--assignment", "lab5=1"), "for --csv canvas only"),
        (("--csv", "canvas", "--roster", "ROSTER", "--assignment", "lab5"), "no problem ''"),
        (("--csv", "canvas", "--roster", "ROSTER", "--assignment", "lab=1"), "It has lab5."),
        (("--csv", "canvas", "--roster", "ROSTER", "--assignment", "lab5=x"), "is a number"),
    ],
)
def test_options_that_make_no_sense(
    course: Course, roster: Path, options: tuple[str, ...], said: str
) -> None:
    course.hand_in("lab5", "anna")

    done = course.grades(*(str(roster) if each == "ROSTER" else each for each in options))

    assert isinstance(done.exception, SubmitterError)
    assert done.exception.exit_code == 2
    assert said in str(done.exception)
    assert done.stdout == ""


@pytest.mark.parametrize("operation", ["ListObjectVersions", "GetObject"])
def test_missing_right_is_named(
    course: Course, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    course.hand_in("lab5", "anna")

    def refuse(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        place = arguments.get("Key") or arguments.get("Prefix") or ""
        if name == operation and place.startswith("output/"):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No s3:Right."}}, name)
        return call()

    intercept(monkeypatch, refuse)
    done = course.grades()

    assert isinstance(done.exception, ClientError)
    assert "s3:Right. Use a profile with the stack's gradebook reader" in str(
        explain(done.exception)
    )


def test_nothing_but_these_rights_is_needed(
    course: Course, roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No code, no staff's result, no problem with its answers, and nothing but reading."""
    course.publish("lab5", rule=Rule.BEST)
    for _ in range(3):
        course.hand_in("lab5", "anna")
    calls: set[tuple[str, str]] = set()

    def note(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        place = arguments.get("Key") or arguments.get("Prefix") or arguments.get("Name") or ""
        assert name != "GetObject" or arguments["VersionId"]
        calls.add((name, place))
        return call()

    intercept(monkeypatch, note)
    course.grades("--roster", roster)

    key = key_of("lab5", "anna")
    assert calls == {
        ("GetParameter", "/submitter/submitter/stack"),
        ("ListObjectVersions", f"events/{ADMIN}/{EVENT}.json"),
        ("ListObjectVersions", f"events/{ADMIN}/{EVENT}/"),
        ("ListObjectVersions", f"submissions/{ADMIN}/{EVENT}/"),
        ("ListObjectVersions", f"output/{ADMIN}/{EVENT}/"),
        ("GetObject", f"events/{ADMIN}/{EVENT}.json"),
        ("GetObject", key.data_key),
        ("GetObject", key.result_key),
    }


def test_hostile_names_are_spelled_out_on_a_terminal(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "class.csv"
    path.write_text("token,student\nanna,[red]\x1b]0;x\n")
    course.hand_in("lab5", "anna")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "argv", ["submitter", "grades", ADMIN, EVENT, "--roster", str(path)])

    with pytest.raises(SystemExit):
        main()

    assert "[red]\\x1b]0;x" in terminal.getvalue()


def test_stack_is_only_read(course: Course) -> None:
    course.hand_in("lab5", "anna")
    s3 = client("s3")
    before = s3.list_object_versions(Bucket=course.stack.bucket_name)["Versions"]

    course.grades()

    assert s3.list_object_versions(Bucket=course.stack.bucket_name)["Versions"] == before
