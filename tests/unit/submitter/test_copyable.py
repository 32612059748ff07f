"""What a person copies from a narrow terminal stays whole: keys, ids, ARNs, names and tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import RenderableType

from submitter.doctor.findings import DoctorReport, Finding, Verdict
from submitter.doctor.view import render_doctor
from submitter.output import Output
from submitter.publish.differences import Differences
from submitter.publish.folder import Kind
from submitter.publish.upload import Change, Planned, PublishReport
from submitter.publish.upload import State as PublishState
from submitter.publish.view import render_publish
from submitter.reconcile.gaps import GapKind, GapOutcome, NamedGap, ReconcileReport
from submitter.reconcile.view import render_reconcile
from submitter.redrive.messages import (
    Cause,
    FailureQueueName,
    MessageOutcome,
    MessageReport,
    QueueReport,
)
from submitter.redrive.view import render_redrive
from submitter.regrade.report import Regraded, RegradeReport, Why, Worth
from submitter.regrade.view import render_regrade
from submitter.submit.class_list import Candidate
from submitter.submit.submission import Submission
from submitter.submit.upload import State, SubmitReport, Submitted
from submitter.submit.view import render_plan, render_submit
from submitter.why.diagnosis import Diagnosis
from submitter.why.story import Event, EventKind, Story, WhyReport
from submitter.why.view import render_why
from unit.submitter.contexts import Terminal

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/m. soltys/aws labs in autumn/lab 5 of the containers/{SUBID}/"
KEY, RESULT = f"{FOLDER}{SUBID}.json", f"{FOLDER.replace('submissions', 'output')}{SUBID}.json"
ARN = f"arn:aws:sqs:us-east-1:123456789012:submitter-{'x' * 80}"
MESSAGE = "f6ccdbc9-d99c-4647-bdfd-c9d8cc9fc959"
LONG = "a sentence that is longer than a terminal is wide and has to go on in a line below " * 3


@dataclass(frozen=True)
class Shown:
    """What a command shows, and the parts that must stay whole."""

    shown: RenderableType
    whole: tuple[str, ...]


def _submit() -> tuple[Shown, Shown, Shown]:
    tokens = ("0123456789abcdef0123456789abcdef", "f" * 32, "e" * 32)
    names = ("m. soltys", "aws labs in autumn", "lab 5 of the containers")
    file = "a folder with a long name/and another/of Anna Maria.py"
    one = Submitted(file, SUBID, KEY, State.NOT_ANNOUNCED, "v" * 32, detail=LONG)
    candidate = Candidate(Path(file), "digest", Submission(*names, tokens))
    single = SubmitReport(carried_out=True, submissions=[one])
    class_ = SubmitReport(carried_out=True, submissions=[one, one])
    return (
        Shown(render_plan(single, [candidate]), (file, SUBID, *names, *tokens)),
        Shown(render_submit(single), (SUBID, KEY, "v" * 32)),
        Shown(render_submit(class_), (file, SUBID)),
    )


def _reconcile() -> Shown:
    gap = NamedGap(GapKind.FAILED, KEY, "v", NOW, None, GapOutcome.LEFT)
    report = ReconcileReport("submitter", named=[gap], problem=LONG, resume_after=KEY)
    return Shown(render_reconcile(report, NOW), (KEY, f"--after '{KEY}'"))


def _redrive() -> Shown:
    messages = [MessageReport(MESSAGE, NOW, "c", (KEY, RESULT), MessageOutcome.LEFT, LONG)]
    cause = "m. soltys/aws labs in autumn/lab 5 of the containers in the second week"
    report = QueueReport(
        FailureQueueName.INTAKE, carried_out=True, causes={cause: Cause(1, NOW)}, messages=messages
    )
    return Shown(render_redrive([report], NOW), (KEY, RESULT, MESSAGE, cause))


def _publish() -> Shown:
    name = "lab 5 of the containers"
    key = f"events/m. soltys/aws labs in autumn/{name}.json"
    one = Planned(Kind.PROBLEM, name, key, Change.CHANGED, Differences(), outdated=1, detail=LONG)
    one.state = PublishState.PUBLISHED
    report = PublishReport("m. soltys", "aws labs in autumn, all of them of one year", [one])
    again = "submitter regrade 'm. soltys' 'aws labs in autumn, all of them of one year'"
    return Shown(render_publish(report), (key, again))


def _regrade() -> Shown:
    name = "lab 5 of the containers"
    worth = Worth("completed", "WA", 50, 100)
    graded = Regraded(name, SUBID, Why.FAILED, worth, Worth("failed"), changes=True, reason=LONG)
    report = RegradeReport("submitter", "m. soltys", "aws labs in autumn", name)
    report.graded, report.announceable = [graded], 1
    again = f"submitter regrade 'm. soltys' 'aws labs in autumn' --problem '{name}' --yes"
    return Shown(render_regrade(report), (SUBID, name, "WA 50 of 100", again))


def _why() -> Shown:
    timeline = (
        Event(NOW, EventKind.UPLOADED, KEY, "v" * 32, "e" * 32),
        Event(NOW, EventKind.RESULT, RESULT, "w" * 32, detail=LONG),
    )
    again = f"submitter reconcile --prefix '{FOLDER}' --yes"
    next_step = f"{LONG}{again}"
    story = Story(FOLDER, timeline, Diagnosis.FAILED, LONG, (), next_step, needs_attention=True)
    report = WhyReport(SUBID, NOW, (story,), (), needs_attention=False)
    return Shown(render_why(report), (FOLDER, RESULT, again, "v" * 32, "e" * 32, "w" * 32))


def _doctor() -> Shown:
    finding = Finding("function queue", Verdict.ATTENTION, f"{LONG}{ARN}.", f"It should be {ARN}.")
    return Shown(render_doctor(DoctorReport("submitter", (finding,))), (ARN,))


@pytest.mark.parametrize(
    "case", [*_submit(), _reconcile(), _redrive(), _publish(), _regrade(), _why(), _doctor()]
)
def test_narrow_terminal_breaks_nothing_that_is_copied(
    monkeypatch: pytest.MonkeyPatch, case: Shown
) -> None:
    results, errors = Terminal(), Terminal()
    monkeypatch.setattr("sys.stdout", results)
    monkeypatch.setattr("sys.stderr", errors)
    monkeypatch.setenv("COLUMNS", "80")
    output = Output(as_json=False)

    output.show(None, lambda _: case.shown)
    output.note(case.shown)

    for terminal in (results, errors):
        lines = terminal.getvalue().splitlines()
        for text in case.whole:
            assert any(text in line for line in lines), text
