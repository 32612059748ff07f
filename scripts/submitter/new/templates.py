"""The files of a new problem and of a new event. They pass `submitter check` as they are."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

FIRST_PROBLEM = "sums"
"""The problem of a new event."""
_WEEKS = 2
_LATE = timedelta(days=2)
_END_OF_DAY = "23:59:59"

_PROBLEM = """\
# The format: https://www.kattis.com/problem-package-format/spec/2025-09.html
problem_format_version: 2025-09
name: Sums
uuid: {uuid}
type: scoring # or pass-fail
limits:
  time_limit: 1 # seconds of processor time for each case
  memory: 128 # MiB
  output: 1 # MiB
"""
_EASY = """\
max_score: 40
score_aggregation: pass-fail # all cases of this folder, or no points
"""
_HARD = """\
max_score: 60
score_aggregation: sum # each case gives a part of the points
require_pass: secret/1-easy # is not run before all of these are accepted
"""
_HINT = """\
full_feedback: true # students see this case once they fail it
hint: A line can be empty.
description: Programs that call int on every line fail.
"""
_ACCEPTED = """\
import sys

print(sum(int(line) for line in sys.stdin if line.strip()))
"""
_WRONG_ANSWER = """\
import sys

print(sum(abs(int(line)) for line in sys.stdin if line.strip()))
"""
_RUN_TIME_ERROR = """\
import sys

print(sum(int(line) for line in sys.stdin))
"""
_EVENT = """\
# Times have their offset from UTC. Students can submit from the first to the last.
release_date: {release_date}
due_date: {due_date}
late_due_date: {late_due_date} # leave it out if nothing counts after due_date
group_size: 1 # the largest team
rule: last # or best: which submission counts
"""


def problem_files(uuid: UUID) -> Mapping[str, str]:
    """Return a new problem's files by their paths."""
    return {
        "problem.yaml": _PROBLEM.format(uuid=uuid),
        "data/sample/1.in": "3\n4\n",
        "data/sample/1.ans": "7\n",
        "data/secret/1-easy/test_group.yaml": _EASY,
        "data/secret/1-easy/1-one.in": "5\n",
        "data/secret/1-easy/1-one.ans": "5\n",
        "data/secret/1-easy/2-negative.in": "5\n-7\n",
        "data/secret/1-easy/2-negative.ans": "-2\n",
        "data/secret/2-hard/test_group.yaml": _HARD,
        "data/secret/2-hard/1-none.in": "",
        "data/secret/2-hard/1-none.ans": "0\n",
        "data/secret/2-hard/2-empty-line.in": "3\n\n4\n",
        "data/secret/2-hard/2-empty-line.ans": "7\n",
        "data/secret/2-hard/2-empty-line.yaml": _HINT,
        "submissions/accepted/solution.py": _ACCEPTED,
        "submissions/wrong_answer/without_signs.py": _WRONG_ANSWER,
        "submissions/run_time_error/empty_line.py": _RUN_TIME_ERROR,
    }


def event_files(today: date, uuid: UUID) -> Mapping[str, str]:
    """Return a new event's files, with one problem.

    Args:
        today: when it begins; it takes two weeks, in this machine's time zone.
        uuid: the problem's.
    """
    last_day = today + timedelta(weeks=_WEEKS)
    event = _EVENT.format(
        release_date=_moment(today, "00:00:00"),
        due_date=_moment(last_day, _END_OF_DAY),
        late_due_date=_moment(last_day + _LATE, _END_OF_DAY),
    )
    problem = {f"{FIRST_PROBLEM}/{path}": text for path, text in problem_files(uuid).items()}
    return {"event.yaml": event, **problem}


def _moment(day: date, clock: str) -> str:
    """Return a time with the offset that this machine's time zone has then."""
    return datetime.combine(day, time.fromisoformat(clock)).astimezone().isoformat()
