"""GitHub is told of a plan in one comment, of drift in one issue: a stand-in takes gh's place."""

import os
import subprocess
from pathlib import Path

import pytest

from embedded_aws.project import SCRIPTS

# Writes down how it was called, and answers a listing with what the test says is there.
_GH = """#!/bin/sh
printf '%s|' "$@" >> "$CALLS"
echo >> "$CALLS"
case "$1 $2" in
"api --paginate" | "issue list") printf '%s' "$FOUND" ;;
esac
"""
SUMMARY = "<!-- submitter plan: prod -->\n\n### Plan\n"


@pytest.fixture
def publish(tmp_path: Path) -> "Publisher":
    return Publisher(tmp_path)


class Publisher:
    """The script, in a folder with a gh of its own."""

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.summary = folder / "summary.md"
        self.summary.write_text(SUMMARY)
        gh = folder / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(_GH)
        gh.chmod(0o755)
        self._path = f"{gh.parent}{os.pathsep}{os.environ['PATH']}"

    def __call__(self, kind: str, of: str, found: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPTS / "publish_plan.sh", kind, self.summary, of],
            env={"PATH": self._path, "CALLS": str(self.calls), "FOUND": found},
            capture_output=True,
            text=True,
            check=False,
        )

    def told(self) -> str:
        """Return the last call."""
        return self.calls.read_text().splitlines()[-1]


def test_the_first_plan_of_a_pull_request_is_a_new_comment(publish: Publisher) -> None:
    assert publish("comment", "7").returncode == 0
    assert publish.told() == f"pr|comment|7|--body-file|{publish.summary}|"


def test_the_next_plan_updates_that_comment(publish: Publisher) -> None:
    assert publish("comment", "7", found="11\n12\n").returncode == 0
    assert "PATCH|repos/{owner}/{repo}/issues/comments/11|" in publish.told()
    assert f"body=@{publish.summary}" in publish.told()


def test_drift_opens_an_issue(publish: Publisher) -> None:
    assert publish("issue", "prod").returncode == 0
    assert publish.told().startswith("issue|create|--title|Drift: prod is not what")


def test_drift_that_goes_on_updates_the_issue(publish: Publisher) -> None:
    assert publish("issue", "prod", found="5\n").returncode == 0
    assert publish.told().startswith("issue|edit|5|--body-file|")


@pytest.mark.parametrize("kind", ["comment", "issue"])
def test_without_a_summary_nothing_is_told(publish: Publisher, kind: str) -> None:
    publish.summary.unlink()
    answer = publish(kind, "7")
    assert answer.returncode == 1
    assert "there is no summary" in answer.stderr
    assert not publish.calls.exists()


def test_another_word_is_refused(publish: Publisher) -> None:
    answer = publish("tweet", "7")
    assert answer.returncode == 2
    assert "tweet is neither comment nor issue" in answer.stderr
