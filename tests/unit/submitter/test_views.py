"""What a person sees of each command: a rich example, every line of it."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import RenderableType

from submission.keys import IgnoredKey
from submission.result import ResultDocument
from submitter.aws.bucket import ObjectVersion
from submitter.aws.intake_log import LogLine
from submitter.aws.queues import QueueDepth
from submitter.aws.result import StoredResult
from submitter.doctor.findings import DoctorReport, Finding, Verdict
from submitter.doctor.view import render_doctor
from submitter.output import to_json
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
from submitter.status.counts import ResultCounts, StatusReport, SubmissionCounts
from submitter.status.view import render_status
from submitter.submit.class_list import Candidate
from submitter.submit.submission import Submission
from submitter.submit.upload import State, SubmitReport, Submitted
from submitter.submit.view import render_plan, render_submit
from submitter.watch.samples import Sample, Trouble
from submitter.watch.view import Board
from submitter.why.diagnosis import Grace
from submitter.why.evidence import DeadLetter, Evidence, WaitingFailure
from submitter.why.story import tell
from submitter.why.view import render_why
from unit.submitter.contexts import NOW, rendered

SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/a/e/p/{SUBID}/"
CODE_KEY, DATA_KEY = f"{FOLDER}{SUBID}.py", f"{FOLDER}{SUBID}.json"


def shown(renderable: RenderableType) -> str:
    """Return what a terminal of 96 columns shows, with a short subid."""
    lines = rendered(renderable, width=96).replace(SUBID, "<subid>").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def line(outcome: str, version: str, minutes: float, **fields: str) -> LogLine:
    names = ("request_id", "message_id", "reason", "cause", "detail")
    return LogLine(
        time=ago(minutes),
        outcome=outcome,
        key=DATA_KEY,
        version_id=version,
        subid=SUBID,
        **(dict.fromkeys(names) | fields),
    )


WHY = """\
submissions/a/e/p/<subid>/

2026-11-23 07:00:00Z  uploaded            .py, version p1, ETag code-1
2026-11-23 07:00:00Z  uploaded            .json, version j1, ETag data-1
2026-11-23 07:01:00Z  failed              .json, version j1, request r1, NoQueue: It is gone.
2026-11-23 07:02:00Z  ignored             .json, version j1, too_long
2026-11-23 07:03:00Z  announced           .json, version j1, message m1, request r2
2026-11-23 07:03:00Z  in dead letters     .json, version j1, message m1, received too often; the time is its announcement's
2026-11-23 07:10:00Z  in intake failures  .json, version j1, message f1, RetriesExhausted: NoQueue
2026-11-23 08:40:00Z  uploaded            .py, version p2, ETag code-2
2026-11-23 08:41:00Z  uploaded            .JSON, version x1, ETag x
2026-11-23 08:41:00Z  uploaded            .json, version j2, ETag data-2
2026-11-23 08:42:00Z  announced           .json, version j2, message m2
2026-11-23 08:43:00Z  announced           .json, version j2, message m3
2026-11-23 10:20:00Z  result              output/a/e/p/<subid>/<subid>.json,
                                          version o1, ETag result-1, status rejected, because No tokens., judges version j1,
                                          of the .py p1

RESULT_OUTDATED: The result is of an older version; the newest was announced 3 h ago, and no
message waits.
<subid>.JSON is there too, and is not announced.
The result judges an older version (j1).
An event about it, no longer needed, still waits in the intake-failures queue.
A message about an earlier announcement waits in the dead-letter queue.
It was announced 2 times: S3 and Lambda deliver at least once.
Next: Ask the back end; to have the newest version judged, announce it again: submitter reconcile --prefix submissions/a/e/p/<subid>/ --no-result --yes

submissions/a/e/q/<subid>/

2026-11-23 11:55:00Z  deleted  .json, version d1

DELETED: The .json was deleted 5 min ago; its versions still exist.
Next: If that was a mistake, remove the delete marker: aws s3api delete-object --bucket bucket --key submissions/a/e/q/<subid>/<subid>.json --version-id d1

This subid is in 2 folders. A subid belongs to one admin, event and problem: find out which is
right, and what computed the others.
Not every intake failure could be read: there may be another one about it.
Not every dead letter could be read: there may be another one about it.
"""  # noqa: E501 - a terminal's lines


def test_why_shows_every_event_and_remark() -> None:
    old_code = ObjectVersion(CODE_KEY, "p1", "code-1", ago(300), is_latest=False)
    old_data = ObjectVersion(DATA_KEY, "j1", "data-1", ago(300), is_latest=False)
    code = ObjectVersion(CODE_KEY, "p2", "code-2", ago(200), is_latest=True)
    data = ObjectVersion(DATA_KEY, "j2", "data-2", ago(199), is_latest=True)
    double = DATA_KEY.replace("/p/", "/q/")
    misnamed = replace(data, key=f"{FOLDER}{SUBID}.JSON", version_id="x1", etag="x")
    deleted = ObjectVersion(double, "d1", None, ago(5), is_latest=True)
    evidence = Evidence(
        subid=SUBID,
        bucket="bucket",
        now=NOW,
        versions=(old_code, old_data, code, data, misnamed, deleted),
        log_lines=(
            line("failed", "j1", 299, cause="NoQueue", detail="It is gone.", request_id="r1"),
            line("ignored", "j1", 298, reason="too_long"),
            line("announced", "j1", 297, message_id="m1", request_id="r2"),
            line("announced", "j2", 198, message_id="m2"),
            line("announced", "j2", 197, message_id="m3"),
            line("tested", "j2", 196),
        ),
        failures=(WaitingFailure(DATA_KEY, "j1", ago(290), "f1", "RetriesExhausted", "NoQueue"),),
        dead_letters=(DeadLetter(DATA_KEY, "j1", ago(297), "m1"),),
        results=(
            StoredResult(
                DATA_KEY.replace("submissions/", "output/"),
                "o1",
                "result-1",
                ago(100),
                ResultDocument("j1", "p1", "rejected", reason="No tokens."),
            ),
        ),
        all_failures_seen=False,
        all_dead_letters_seen=False,
    )

    assert shown(render_why(tell(evidence, Grace()))) == WHY


STATUS = """\
submitter: 2 thing(s) need attention
  ! Alarm \\x1b[2J is firing
  ! 12 messages wait

                 count  oldest
submissions/     1,201    25 h  2 .json without .py, 3 .py without .json, 6 .py newer than
                                announced, 5 malformed key, 1,300 without a result
submitter queue  1,230  20 min  200 in flight, 30 delayed
intake failures      7   5 min
dead letters         8       -  8 in flight
output/            999     2 h  900 graded, 90 rejected, 9 failed
"""


def test_status_shows_every_count_and_finding() -> None:
    report = StatusReport(
        stack="submitter",
        attention=("Alarm \x1b[2J is firing", "12 messages wait"),
        submissions=SubmissionCounts(5000, 1201, 2, 3, 4, 5, 90_000, 6, 1300),
        results=ResultCounts(1000, 999, 7200, 900, 90, 9),
        queue=QueueDepth("submissions", 1000, 200, 30, 1200),
        intake_failures=QueueDepth("failures", 7, 0, 0, 300),
        dead_letters=QueueDepth("dead", 0, 8, 0, None),
        alarms=(),
    )

    assert shown(render_status(report)) == STATUS
    sound = shown(render_status(replace(report, attention=())))
    assert sound.startswith("submitter: nothing needs attention\n\n")


WATCH = """\
submitter, since the start: 15,000 uploads, 14,985 announced, 15,015 ignored, 30 failed
time (UTC)  uploads/s  announced/s  ignored  failed  queue  change/s  oldest  failures   dead
  12:00:01      200.0        199.8    1,001       2  1,230      -1.5   2 min     1,002  1,003
  12:00:15  no answer
12:00:15 AWS could not be asked: \\x1b[2J It looks again.
"""
SAMPLE = Sample(
    time=NOW,
    seconds=5,
    uploads=1000,
    uploads_per_second=200.0,
    announced=999,
    announced_per_second=199.8,
    ignored=1001,
    failed=2,
    queue_visible=1000,
    queue_in_flight=200,
    queue_delayed=30,
    queue_growth_per_second=-1.5,
    oldest_message_seconds=120,
    intake_failures=1002,
    dead_letters=1003,
)


def test_watch_shows_the_latest_looks_and_the_sums_of_all() -> None:
    board = Board("submitter")
    for number in range(15):
        board.add(replace(SAMPLE, time=NOW + timedelta(seconds=number)))
    board.add(Trouble(NOW + timedelta(seconds=15), "AWS could not be asked: \x1b[2J"))

    text = shown(board.render())

    [heading, _, columns, *rows, trouble] = text.splitlines(keepends=True)
    assert len(rows) == 15
    assert "".join([heading, columns, rows[0], rows[-1], trouble]) == WATCH


PLAN = """\
file                  admin  event  problem  tokens     subid  state
to_upload\\x1b.py      a      e      p        t1 secret  id-0   to be submitted
to_finish\\x1b.py      a      e      p        t1 secret  id-1   its .py is there; its .json will be
                                                               uploaded
already_there\\x1b.py  a      e      p        t1 secret  id-2   already there with the same content;
                                                               nothing uploaded

1 to upload, 1 to finish, 1 already there. Nothing was uploaded: add --yes to submit them.
"""
CLASS = """\
file                  subid  state
to_upload\\x1b.py      id-0   to be submitted
to_finish\\x1b.py      id-1   its .py is there; its .json will be uploaded
already_there\\x1b.py  id-2   already there with the same content; nothing uploaded
uploaded\\x1b.py       id-3   uploaded
announced\\x1b.py      id-4   announced as message m1
not_announced\\x1b.py  id-5   not announced: No rights.
failed\\x1b.py         id-6   not submitted: No rights.

1 to upload, 1 to finish, 1 already there, 1 uploaded, 1 announced, 1 not announced, 1 failed.
Run it again to submit the rest.
"""
ONE = """\
announced as message m1
subid      id-4
data file  key-\\u202e4
version    v4
"""


def test_submit_shows_every_state() -> None:
    states = [
        Submitted(
            f"{state}\x1b.py",
            f"id-{number}",
            f"key-\u202e{number}",
            state,
            f"v{number}",
            None,
            "m1",
        )
        for number, state in enumerate(State)
    ]
    states = [replace(each, detail="No rights.") for each in states]
    candidates = [
        Candidate(Path(each.file), "digest", Submission("a", "e", "p", ("t1", "secret")))
        for each in states[:3]
    ]

    planned = SubmitReport(carried_out=False, submissions=states[:3])
    done = SubmitReport(carried_out=True, submissions=states)

    assert shown(render_plan(planned, candidates)) == PLAN
    assert "secret" not in json.dumps(to_json(planned))
    assert shown(render_submit(done)) == CLASS
    assert shown(render_submit(replace(done, submissions=states[4:5]))) == ONE
    nothing = SubmitReport(carried_out=False, submissions=states[2:3])
    assert shown(render_plan(nothing, candidates[:1])).endswith(
        "\n1 already there. There is nothing to do.\n"
    )
    finished = replace(done, submissions=[states[2]] * 2)
    assert shown(render_submit(finished)).endswith("\n2 already there.\n")
    with pytest.raises(ValueError, match="zip"):
        render_plan(planned, candidates[:1])


LISTED = """\
GAP                  AGE     OUTCOME    KEY
never_announced      90 min  left       submissions/1.json
never_announced      90 min  announced  submissions/1.json
stray (wrong_depth)  6 days  refused    x\\x1b
... and 8 more: list them with --show NUMBER.
1 x code_missing: a .json without its .py, announced all the same: ask the student
1 x code_newer: the .py was replaced after it was announced, and the new one was not: --yes
announces it again; where the .json names its .py, have the student submit again
1 x data_missing: a .py without its .json, never there or deleted: the student submits again
1 x failed: the function's last log entry for it is a failure: --yes announces it
1 x failed_result: the back end failed on it: --no-result --yes announces it again
1 x malformed: nearly a submission's file, not announced because of its name: upload it under
its right name, <subid>.json or <subid>.py
1 x never_announced: the log has no announcement: --yes announces it
1 x no_result: announced, no result: --no-result --yes announces it again
1 x older_result: the result is of an older .json or .py: --no-result --yes announces it again
1 x stray: no submission's file, and no result: find out who writes there, and move it
1 x unreadable_result: the result does not say which version it is of: ask the back end
3 submission(s) without a current result are older than the log, so it is not known whether they
were announced; --no-result lists them as gaps.
20 submission(s) checked in submitter: 11 gap(s), 0 announced now, 11 left.
Nothing was changed. To announce 3 of them, add --yes.
"""
BROKEN_OFF = """\
GAP                  AGE     OUTCOME    KEY
never_announced      90 min  left       submissions/1.json
never_announced      90 min  announced  submissions/1.json
stray (wrong_depth)  6 days  refused    x\\x1b
3 x never_announced: the log has no announcement: --yes announces it
The function refused 2 event(s): IntakeError: \\u202e
20 submission(s) checked in submitter: 3 gap(s), 2 announced now, 1 left.
Stopped: the function failed 3 times in a row. Fix it, then run this again: what it has
announced is in its log.
Lambda is unavailable. Run it again.
To go on where it stopped: --after 'submissions/o'"'"'neil $x/'
"""


def test_reconcile_shows_every_gap_and_what_is_left() -> None:
    named = [
        NamedGap(GapKind.NEVER_ANNOUNCED, "submissions/1.json", "v1", ago(90), None, outcome)
        for outcome in (GapOutcome.LEFT, GapOutcome.ANNOUNCED)
    ]
    named.append(
        NamedGap(
            GapKind.STRAY, "x\x1b", "v3", ago(9000), IgnoredKey.WRONG_DEPTH, GapOutcome.REFUSED
        )
    )
    listed = ReconcileReport(
        "submitter",
        submissions=20,
        before_log=3,
        gaps=Counter(dict.fromkeys(GapKind, 1)),
        outcomes=Counter({GapOutcome.LEFT: 11}),
        named=named,
        announceable=3,
    )
    broken_off = replace(
        listed,
        before_log=0,
        gaps=Counter({GapKind.NEVER_ANNOUNCED: 3}),
        outcomes=Counter({GapOutcome.ANNOUNCED: 2, GapOutcome.REFUSED: 1}),
        refusals=Counter({"IntakeError: \u202e": 2}),
        carried_out=True,
        stopped=True,
        problem="Lambda is unavailable.",
        resume_after="submissions/o'neil $x/",
    )

    assert shown(render_reconcile(listed, NOW)) == LISTED
    assert shown(render_reconcile(broken_off, NOW)) == BROKEN_OFF
    interrupted = ReconcileReport("submitter", interrupted=True)
    assert shown(render_reconcile(interrupted, NOW)) == (
        "0 submission(s) checked in submitter: 0 gap(s), 0 announced now, 0 left.\n"
        "Interrupted. Run it again.\n"
    )


REDRIVE = """\
intake: 1 announced, 3 left
COUNT  OLDEST  CAUSE
3      5 h     \\x1b[2J
1      60 min  Timeout
MESSAGE  OUTCOME    KEYS      WHY
m1       announced  key-\\x1b
                    key-2
m2\\x9b   left                 not \\u202e
Lambda is unavailable.
dead-letter: about 1 waiting
COUNT  OLDEST  CAUSE
1      60 s    a/e/p
Nothing was announced. To announce them: submitter redrive dead-letter --yes
dead-letter: about 1 waiting
Interrupted. Nothing is lost: run it again to go on.
intake: empty
dead-letter: 1 announced, 0 left
"""


def test_redrive_shows_causes_messages_and_what_is_left() -> None:
    messages = [
        MessageReport("m1", NOW, "Timeout", ("key-\x1b", "key-2"), MessageOutcome.HANDED_OVER),
        MessageReport("m2\x9b", NOW, "\x1b[2J", (), MessageOutcome.LEFT, "not \u202e"),
    ]
    carried_out = QueueReport(
        FailureQueueName.INTAKE,
        carried_out=True,
        waiting=4,
        causes={"Timeout": Cause(1, ago(60)), "\x1b[2J": Cause(3, ago(300))},
        messages=messages,
        moved=1,
        problem="Lambda is unavailable.",
    )
    looked = QueueReport(
        FailureQueueName.DEAD_LETTER,
        carried_out=False,
        waiting=1,
        causes={"a/e/p": Cause(1, ago(1))},
        messages=messages[:1],
    )
    interrupted = replace(looked, causes={}, interrupted=True)
    empty = QueueReport(FailureQueueName.INTAKE, carried_out=False)
    done = QueueReport(FailureQueueName.DEAD_LETTER, carried_out=True, waiting=1, moved=1)

    reports = [carried_out, looked, interrupted, empty, done]
    assert shown(render_redrive(reports, NOW)) == REDRIVE


DOCTOR = """\
OK         bucket               It exists.
ATTENTION  other notifications  arn:\\x1b[2J
                                To do: Find \\u202eout.
UNKNOWN    alarms               [bold]x

submitter: 1 check passed, 1 needs attention, 1 unknown
"""
FINDINGS = (
    Finding("bucket", Verdict.OK, "It exists."),
    Finding("other notifications", Verdict.ATTENTION, "arn:\x1b[2J", "Find \u202eout."),
    Finding("alarms", Verdict.UNKNOWN, "[bold]x"),
)


def test_doctor_shows_findings_and_counts() -> None:
    report = DoctorReport("submitter", FINDINGS)

    assert shown(render_doctor(report, show_all=True)) == DOCTOR
    short = shown(render_doctor(report))
    assert short == DOCTOR.partition("\n")[2].replace(
        "own\n", "own (--all lists those that passed)\n"
    )
    broken = DoctorReport("submitter", FINDINGS[1:2])
    assert shown(render_doctor(broken)).endswith("submitter: 0 checks passed, 1 needs attention\n")
    sound = DoctorReport("submitter", FINDINGS[:1])
    assert shown(render_doctor(sound)) == (
        "submitter: 1 check passed (--all lists those that passed)\n"
    )
