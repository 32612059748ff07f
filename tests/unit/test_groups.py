"""Tests that share a stack run in one worker: else each worker would provision its own."""

import subprocess
import sys
from pathlib import Path

_GROUP = """
import pytest

pytestmark = pytest.mark.xdist_group("shared")


@pytest.mark.parametrize("number", range(6))
def test_one(number, worker_id):
    with open("workers", "a") as file:
        file.write(worker_id + "\\n")
"""


def test_a_group_of_tests_runs_in_one_worker(tmp_path: Path) -> None:
    (tmp_path / "test_group.py").write_text(_GROUP)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--numprocesses", "2", "--dist", "loadgroup", "-p", "no:cacheprovider")
    subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    workers = (tmp_path / "workers").read_text().split()
    assert len(workers) == 6
    assert len(set(workers)) == 1
