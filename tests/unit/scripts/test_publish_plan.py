"""A plan is published in one comment, drift in one issue; a stand-in replaces gh."""

import os
import subprocess
from pathlib import Path

import pytest

from emulation.project import SCRIPTS

# Writes down how it was called, and answers a listing with what the test says is there.
_GH = """#!/bin/sh
printf '%s|' "$@" >> "$CALLS"
echo >> "$CALLS"
case "$1 $2" in
"api user") [ -n "$LOGIN" ] || { echo '{"status": "403"}'; exit 1; }; echo "$LOGIN" ;;
"api --paginate") printf 'asked by %s\n' "$AUTHOR" >> "$CALLS"; printf '%s' "$FOUND" ;;
"issue list") printf '%s' "$FOUND" ;;
*) for file; do :; done; cat "${file#body=@}" >> "$CALLS.told" ;;
esac
"""
SUMMARY = "<!-- submitter plan: prod -->\n\n### Plan\n"


@pytest.fixture
def publish(tmp_path: Path) -> "Publisher":
    return Publisher(tmp_path)


class Publisher:
    """The script, with a stand-in for gh."""

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.summary = folder / "summary.md"
        self.summary.write_text(SUMMARY)
        gh = folder / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(_GH)
        gh.chmod(0o755)
        self._path = f"{gh.parent}{os.pathsep}{os.environ['PATH']}"

    def __call__(
        self, kind: str, *of: str, found: str = "", login: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        own = {"PATH": self._path, "CALLS": str(self.calls), "FOUND": found, "LOGIN": login}
        return subprocess.run(
            ["/bin/sh", SCRIPTS / "publish_plan.sh", kind, "prod", self.summary, *of],
            env=own | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def told(self) -> str:
        """Return the last call."""
        return self.calls.read_text().splitlines()[-1]

    def text(self) -> str:
        """Return the text that it published."""
        return Path(f"{self.calls}.told").read_text()


def test_first_plan_of_a_pull_request_is_a_new_comment(publish: Publisher) -> None:
    assert publish("comment", "7").returncode == 0
    assert publish.told() == f"pr|comment|7|--body-file|{publish.summary}|"


def test_next_plan_updates_the_comment(publish: Publisher) -> None:
    assert publish("comment", "7", found="11\n12\n").returncode == 0
    assert "PATCH|repos/{owner}/{repo}/issues/comments/11|" in publish.told()
    assert f"body=@{publish.summary}" in publish.told()


def test_drift_opens_an_issue(publish: Publisher) -> None:
    assert publish("issue").returncode == 0
    assert publish.told().startswith("issue|create|--title|Drift: prod is not what")


def test_continued_drift_updates_the_issue(publish: Publisher) -> None:
    assert publish("issue", found="5\n").returncode == 0
    assert publish.told().startswith("issue|edit|5|--body-file|")


@pytest.mark.parametrize(
    ("login", "author"), [("", "github-actions[bot]"), ("somebody", "somebody")]
)
def test_only_the_authors_comment_is_updated(publish: Publisher, login: str, author: str) -> None:
    assert publish("comment", "7", login=login).returncode == 0
    assert f"asked by {author}" in publish.calls.read_text()


@pytest.mark.parametrize("arguments", [("comment", "7"), ("issue",)])
def test_failed_plan_is_published(publish: Publisher, arguments: tuple[str, ...]) -> None:
    publish.summary.unlink()
    run = {
        "GITHUB_RUN_ID": "5",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "o/r",
    }
    assert publish(*arguments, **run).returncode == 0
    text = publish.text()
    # In the comment that the plan will have, once there is one.
    assert text.startswith("<!-- submitter plan: prod -->\n")
    assert "### Plan for `prod`: there is none" in text
    assert "https://github.example/o/r/actions/runs/5" in text


def test_unknown_kind_is_refused(publish: Publisher) -> None:
    answer = publish("tweet", "7")
    assert answer.returncode == 2
    assert "tweet is neither comment nor issue" in answer.stderr
