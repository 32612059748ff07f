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
