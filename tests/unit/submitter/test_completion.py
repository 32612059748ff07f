"""Shell completion: bash completes commands, and nothing is written unless it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = "import sys; sys.argv[0] = 'submitter'; from submitter.cli import main; main()"
# As a shell has it: `submitter` is what it finds on PATH.
SCRIPT = """
eval "$(submitter --show-completion)"
COMP_WORDS=(submitter "$@"); COMP_CWORD=$#
_submitter_completion submitter
printf '%s\\n' "${COMPREPLY[@]}"
"""


def _completions(home: Path, *words: str) -> list[str]:
    program = home / "bin/submitter"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", "-c", SCRIPT, "bash", *words],
        env={
            "HOME": str(home),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert [each for each in home.rglob("*") if each.is_file()] == [program]
    return done.stdout.split()


def test_shell_completes_commands(tmp_path: Path) -> None:
    assert _completions(tmp_path, "w") == ["why", "watch"]


def test_shell_completes_arguments(tmp_path: Path) -> None:
    assert _completions(tmp_path, "redrive", "") == ["intake", "dead-letter"]
