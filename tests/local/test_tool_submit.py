"""`submitter submit`, `status` and `watch` as staff runs them."""

import json
from pathlib import Path

import pytest

from emulation.stack import Stack
from local.intake import Intake, Submission
from local.tool import run_tool

pytestmark = pytest.mark.xdist_group("tool")


def test_wait_follows_a_submission_to_its_message(
    stack: Stack, intake: Intake, tmp_path: Path
) -> None:
    file = tmp_path / "lab.py"
    file.write_text("print(1)\n")
    names = ("--admin", "a", "--event", "e", "--problem", "lab 5", "--token", Submission().subid)

    done = run_tool(stack, "submit", str(file), *names, "--wait", "--json")
    again = run_tool(stack, "submit", str(file), *names, "--wait", "--json")

    [submitted] = json.loads(done.output)["submissions"]
    assert (done.exit_code, submitted["state"]) == (0, "announced")
    assert json.loads(again.output)["submissions"] == [submitted]
    [message] = intake.messages(submitted["key"])
    assert message.attributes["versionId"] == submitted["version_id"]


def test_class_is_shown_first_and_submitted_with_yes(stack: Stack, tmp_path: Path) -> None:
    rows = ["file,admin,event,problem,tokens"]
    for number in range(3):
        (tmp_path / f"{number}.py").write_text(f"print({number})\n")
        rows.append(f"{number}.py,a,e,p,{Submission().subid}")
    (tmp_path / "submissions.csv").write_text("\n".join(rows))

    exits, states = [], []
    for options in ((), ("--yes",), ("--yes",)):
        done = run_tool(stack, "submit", str(tmp_path), "--json", *options)
        exits.append(done.exit_code)
        states.append({each["state"] for each in json.loads(done.output)["submissions"]})

    # Without --yes something is left to do.
    assert exits == [1, 0, 0]
    assert states == [{"to_upload"}, {"uploaded"}, {"already_there"}]


def test_watch_writes_a_line_for_each_interval(stack: Stack) -> None:
    done = run_tool(stack, "watch", "--for", "2", "--interval", "1")

    lines = [json.loads(line) for line in done.output.splitlines()]
    assert len(lines) == 2
    assert {"uploads", "announced", "queue_visible"} <= lines[0].keys()
