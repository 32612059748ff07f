"""The time limit that is proposed, from times as the limit counts them."""

from math import inf
from pathlib import Path

import pytest

from submitter.check.checking import TimeLimit, Trial, check_programs, check_time_limits
from submitter.check.sandboxes import Sandboxes
from submitter.check.time_limit import propose
from submitter.problems.problem_folder import read_problem_folder
from submitter.problems.problem_yaml import Timing
from submitter.problems.submissions import Bound
from unit.submitter.check.scripted import ScriptedSandbox
from unit.submitter.problems.folders import PROBLEM, write_problem_folder

LOWER, UPPER = Bound.LOWER, Bound.UPPER


@pytest.mark.parametrize(
    ("limit", "times", "expected", "to_change"),
    [
        (2, {}, "No program shows", False),
        (2, {LOWER: [0.1, 1.0]}, "takes 1.00 s. time_limit: 2 is enough.", False),
        (2, {LOWER: [0.1], UPPER: [3.0]}, "time_limit: 1 is enough.", False),
        (2, {LOWER: [1.01]}, "time_limit: 2 is too near. Set time_limit: 3.", True),
        (2, {LOWER: [0.1], UPPER: [9.0, 2.9]}, "Set time_limit: 1.", True),
        (2, {LOWER: [1.5], UPPER: [4.0]}, "no limit is far from both", True),
        (2, {LOWER: [inf]}, "make it faster, or the cases smaller", True),
        (2, {LOWER: [0.1], UPPER: [inf]}, "time_limit: 1 is enough.", False),
    ],
)
def test_proposals(
    limit: float, times: dict[Bound, list[float]], expected: str, *, to_change: bool
) -> None:
    text, changes = propose(limit, Timing(), times)

    assert expected in text
    assert changes is to_change


def test_proposals_keep_the_problems_margins() -> None:
    timing = Timing(ac_to_time_limit=3.0, time_limit_to_tle=1.0, time_resolution=0.1)

    text, to_change = propose(0.2, timing, {LOWER: [0.1], UPPER: [0.3]})

    assert text.endswith("Set time_limit: 0.3.")
    assert to_change


def measured(folder: Path, rules: str = "", **programs: str) -> tuple[TimeLimit, ScriptedSandbox]:
    """Return what is proposed for a limit of 2 s, and the sandbox; names begin with a folder."""
    files: dict[str, str | bytes | None] = {
        "problem.yaml": PROBLEM,
        "submissions/submissions.yaml": rules,
    }
    for name, text in programs.items():
        files[f"submissions/{name.replace('__', '/')}.py"] = text
    read = read_problem_folder(write_problem_folder(folder, files))
    assert read.problem
    trials = [Trial(read, read.problem, each) for each in read.examples]
    sandbox = ScriptedSandbox()
    with Sandboxes([sandbox]) as sandboxes:
        _, grades = check_programs(trials, sandboxes, lambda _: None)
        [limit] = check_time_limits(trials, grades, sandboxes)
    return limit, sandbox


def test_a_slow_program_runs_again_until_it_is_slow_enough(tmp_path: Path) -> None:
    limit, sandbox = measured(tmp_path, accepted__right="sum", time_limit_exceeded__a="slow 4")

    assert not limit.to_change
    assert sandbox.runs.count(b"slow 4") == 3 + 1


def test_a_slow_program_that_is_nearly_in_time(tmp_path: Path) -> None:
    limit, sandbox = measured(tmp_path, accepted__right="sum", time_limit_exceeded__a="slow 2.5")

    assert "the fastest that must be too slow 2.50 s" in limit.text
    assert limit.text.endswith("Set time_limit: 1.")
    assert sandbox.runs.count(b"slow 2.5") == 3 + 3


def test_an_accepted_program_that_is_too_slow(tmp_path: Path) -> None:
    limit, _ = measured(tmp_path, accepted__right="slow 5")

    assert limit.text.endswith("Set time_limit: 10.")


def test_programs_that_may_be_slow_bound_nothing(tmp_path: Path) -> None:
    limit, sandbox = measured(tmp_path, accepted__right="sum", brute_force__a="slow 2.5")

    assert "takes 0.25 s. time_limit: 1 is enough" in limit.text
    assert sandbox.runs.count(b"slow 2.5") == 3


def test_a_program_bounds_the_limit_only_where_it_says_so(tmp_path: Path) -> None:
    rules = "mine/a.py:\n  sample: {permitted: [AC]}\n  secret: {required: [TLE]}\n"
    limit, _ = measured(tmp_path, rules, accepted__right="sum", mine__a="slow 2.5 -3")

    assert "in time takes 0.25 s, the fastest that must be too slow 2.50 s" in limit.text
