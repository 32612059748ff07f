"""The command: what it prints, and its exit code: 0 passes, 1 is stopped, 2 cannot be judged."""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plan_guard.__main__ import main
from unit.plan_guard.changes import Attributes, document, entry

QUEUE = 'module.submitter_queue.aws_sqs_queue.this["queue"]'
HARMLESS = entry(QUEUE, "update", before={"tags": {}}, after={"tags": {"Course": "→"}})
DELETION = entry(QUEUE, "delete", before={"name": "q"})
IMPORT = entry(QUEUE, "no-op", before={"a": 1}, after={"a": 1}, importing={"id": "q"})


type Guard = Callable[..., int]


@pytest.fixture
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """Runs the command on a plan, and returns its exit code."""

    def run(*options: str, **parts: object) -> int:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(document(**parts)), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["plan_guard", str(path), *options])
        return main()

    return run


@pytest.mark.parametrize(
    ("changes", "code", "drift_code"),
    [([], 0, 0), ([HARMLESS], 0, 1), ([DELETION], 1, 1), ([IMPORT], 1, 1)],
    ids=["nothing", "harmless", "deletion", "import"],
)
def test_the_exit_code_says_whether_a_plan_passes_and_whether_it_differs(
    guard: Guard, changes: list[Attributes], code: int, drift_code: int
) -> None:
    assert guard(resource_changes=changes) == code
    assert guard("--expect-no-changes", resource_changes=changes) == drift_code


def _read(resource: str, attribute: str) -> Attributes:
    """A drift: a value of a queue that is another one now."""
    return entry(resource, "update", before={attribute: "old"}, after={attribute: "new"})


@pytest.mark.parametrize(
    ("drift", "code"),
    [
        (entry("aws_sqs_queue.q", "delete", before={"name": "q"}), 1),
        (_read("aws_sqs_queue.q[0]", "name"), 1),
        (_read("aws_sqs_queue.q[0]", "policy"), 0),
        (_read("module.m.aws_sqs_queue.q", "policy"), 1),
        (_read("module.m.aws_sqs_queue.unknown", "policy"), 1),
        (entry("aws_sqs_queue.q", "update", before={"name": ""}, after={"name": "q"}), 0),
    ],
    ids=["gone", "set here", "computed", "set in a module", "set who knows where", "filled in"],
)
def test_what_was_changed_by_hand_is_never_no_changes(
    guard: Guard, drift: Attributes, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue"}
    inner: dict[str, Any] = {"resources": [queue | {"expressions": {"policy": {}}}]}
    outer: dict[str, Any] = {
        "resources": [queue | {"expressions": {"name": {}}}],
        "module_calls": {"m": {"source": "./modules/m", "module": inner}},
    }
    parts: dict[str, Any] = {"resource_drift": [drift], "configuration": {"root_module": outer}}
    assert guard("--expect-no-changes", **parts) == code
    state = "DIFFERS from the stack" if code else "no changes"
    assert f"### Plan for `submitter`: {state}\n" in capsys.readouterr().out
    assert guard(**parts) == 0


@pytest.mark.parametrize(
    "parts",
    [
        {"complete": False},
        {"deferred_changes": [{}]},
        {"errored": True},
        {"format_version": "2.0"},
        {"resource_changes": [{}]},
        {"resource_changes": [1]},
        {"resource_changes": {}},
        {"resource_changes": None},
        {"prior_state": 1},
        {"configuration": []},
        {"configuration": {"provider_config": [1]}},
        {"configuration": {"root_module": {"resources": 1}}},
        {"configuration": {"root_module": {"module_calls": []}}},
        {"resource_changes": [entry(QUEUE, "update", before=[])]},
        {"resource_changes": [entry(QUEUE, "update", before=[1])]},
        {"resource_changes": [HARMLESS | {"address": 1}, DELETION]},
        {"configuration": {"root_module": {"resources": [{}]}}},
        {"checks": [{}]},
        {"variables": {"name": {"value": ["x"]}}, "resource_changes": [DELETION]},
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_judged_ends_with_2_and_a_sentence(
    guard: Guard, parts: Attributes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard("--expect-no-changes", **parts) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert "Traceback" not in printed.err


def test_the_summary_is_printed_and_written(
    guard: Guard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "summary.md"
    assert guard("--title", "prod", "--summary", str(file), resource_changes=[HARMLESS]) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8") + "\n"
    assert "### Plan for `prod`: passes" in file.read_text(encoding="utf-8")
    assert guard("--summary", str(tmp_path)) == 2
    assert "error: The summary cannot be written" in capsys.readouterr().err


def test_what_the_guard_prints_can_be_pasted_into_the_allow_list_for_90_days(
    guard: Guard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guard(resource_changes=[DELETION]) == 1
    entries = capsys.readouterr().out.partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "allowed.toml"

    file.write_text(entries, encoding="utf-8")
    assert guard("--allow", str(file), resource_changes=[DELETION]) == 2
    assert "has no reason" in capsys.readouterr().err

    entries = entries.replace('"..."', '"It is empty."')
    file.write_text(entries, encoding="utf-8")
    assert guard("--allow", str(file), resource_changes=[DELETION]) == 0

    expires = datetime.now(UTC).date() + timedelta(days=92)
    file.write_text(re.sub("expires = .*", f"expires = {expires}", entries), encoding="utf-8")
    assert guard("--allow", str(file), resource_changes=[DELETION]) == 2
    assert "more than 90 days from today" in capsys.readouterr().err
