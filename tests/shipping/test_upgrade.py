"""From the last release to this one, while students submit."""

import io
import re
import subprocess
import tarfile
from datetime import date
from pathlib import Path

import pytest

from emulation.localstack import LocalStack
from emulation.project import ROOT
from emulation.stack import Stack, stack_settings
from emulation.terraform import Terraform
from faults.arrivals import arriving, count_up, submitting
from local.intake import Intake
from package_function import INTAKE, sources_of, write_package
from plan_guard.allowances import LONGEST, load_allowances
from plan_guard.judgement import judge
from plan_guard.plan import Action, load_plan

# A separate worker, since it has its own emulator.
pytestmark = pytest.mark.xdist_group("upgrade")

_RELEASE = re.compile(r"^## (\S+), commit ([0-9a-f]{40})$", re.MULTILINE)


@pytest.fixture
def last_release(tmp_path: Path) -> Path:
    """The last release's files: its configuration and its function."""
    latest = _RELEASE.search((ROOT / "CHANGELOG.md").read_text())
    assert latest is not None, "the changelog names no release and its commit"
    if _git("cat-file", "-e", latest[2]).returncode:
        # A clone without its history, such as a workflow's.
        _git("fetch", "--quiet", "--unshallow")
    answer = _git("archive", latest[2], "terraform", "lambda")
    assert answer.returncode == 0, (
        f"release {latest[1]} is not in this clone, nor where it is from: "
        f"{answer.stderr.decode()}Clone it with its whole history."
    )
    folder = tmp_path / latest[1]
    with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S607


def test_upgrade_replaces_nothing_and_misses_no_upload(
    localstack: LocalStack, last_release: Path, tmp_path: Path
) -> None:
    old_package, new_package = tmp_path / "old.zip", tmp_path / "new.zip"
    # A release from before the contract has one package.
    old_sources = [it for it in sources_of(INTAKE, last_release / "lambda") if it.exists()]
    write_package(old_sources, old_package)
    write_package(sources_of(INTAKE), new_package)
    folder = localstack.folder / "terraform" / "upgrade"

    def configuration(package: Path, root: Path) -> Terraform:
        settings = stack_settings({"name": "upgrade", "package_path": str(package)})
        terraform = Terraform(localstack.endpoint, folder, settings, root)
        terraform.init()
        return terraform

    old = configuration(old_package, last_release / "terraform")
    old.apply()
    before = set(old.managed_resources())

    intake = Intake(Stack(localstack.endpoint, old, old.outputs()))
    with arriving(submitting(intake)) as arrivals:
        new = configuration(new_package, ROOT / "terraform")
        new.plan(tmp_path / "plan.json")
        plan = load_plan(tmp_path / "plan.json")
        assert plan.count(Action.DELETE, Action.REPLACE, Action.FORGET) == 0
        # By itself, or by what the release allows, as long as it does.
        path = ROOT / "terraform" / "allowed_changes.toml"
        allowed = load_allowances(path, date.max - LONGEST)
        today = min((it.expires for it in allowed), default=date.min)
        assert judge(plan, allowed, today).stopped == ()
        new.apply()

    assert new.planned_changes() == []
    # Data sources, which manage nothing, may be removed.
    managed = {it for it in before if "data." not in it}
    moved = {it.previous_address: it.address for it in plan.changes}
    assert {moved.get(it, it) for it in managed} <= set(new.managed_resources())
    outcome = count_up(intake, arrivals.uploaded, "upgrade")
    # All by themselves, before, during and after it.
    assert outcome.announced == outcome.uploaded > 0
    assert outcome.lost == 0
