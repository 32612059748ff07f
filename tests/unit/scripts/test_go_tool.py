"""A check in Go is built once and run, or skipped with a notice: a stand-in takes go's place."""

import subprocess
from pathlib import Path

import pytest

from emulation.project import SCRIPTS

_GO = """#!/bin/sh
[ "$1" != env ] || { echo "this machine's $2"; exit; }
echo built >> builds
[ ! -e offline ] || { echo "no such host"; exit 1; }
mkdir -p "$GOBIN"
printf '#!/bin/sh\\necho "checked $*"; exit 3\\n' > "$GOBIN/lint"
echo "$GOOS $GOARCH" > target
chmod +x "$GOBIN/lint"
"""


def _run(
    folder: Path, *, with_go: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    if with_go:
        (tools / "go").write_text(_GO)
        (tools / "go").chmod(0o755)
    for name in ("sh", "mkdir", "chmod", "tail"):
        (tools / name).unlink(missing_ok=True)
        (tools / name).symlink_to(Path("/bin") / name)
    return subprocess.run(
        ["/bin/sh", SCRIPTS / "go_tool.sh", "example.org/cmd/lint", "v1", "all"],
        cwd=folder,
        # A user's settings for building for another machine.
        env={"PATH": str(tools), "GOOS": "plan9", "GOARCH": "mips", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_tool_is_built_once_and_run(tmp_path: Path) -> None:
    for _ in range(2):
        answer = _run(tmp_path)
        assert (answer.returncode, answer.stdout) == (3, "checked all\n")
    assert (tmp_path / "builds").read_text() == "built\n"


def test_tool_is_built_for_this_machine(tmp_path: Path) -> None:
    _run(tmp_path)
    assert (
        tmp_path / "target"
    ).read_text() == "this machine's GOHOSTOS this machine's GOHOSTARCH\n"


@pytest.mark.parametrize("with_go", [True, False])
def test_tool_that_cannot_be_built_is_skipped_with_a_notice(
    tmp_path: Path, *, with_go: bool
) -> None:
    (tmp_path / "offline").touch()
    answer = _run(tmp_path, with_go=with_go)
    assert answer.returncode == 0
    assert "notice: lint is skipped, because" in answer.stderr
    assert ("no such host" in answer.stderr) is with_go


@pytest.mark.parametrize("with_go", [True, False])
def test_tool_that_cannot_be_built_fails_in_ci(tmp_path: Path, *, with_go: bool) -> None:
    (tmp_path / "offline").touch()
    answer = _run(tmp_path, with_go=with_go, CI="true")
    assert answer.returncode == 1
    assert "error: lint was not run, because" in answer.stderr
