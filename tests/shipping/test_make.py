"""What make does with a checkout at any path, under any settings of the user.

A copy of Python is the machine's own, packages are this test's, a stand-in takes Terraform's place.
"""

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from build_sandbox import image_folder
from emulation.project import ROOT
from package_function import MACHINE

pytestmark = pytest.mark.xdist_group("make")

NAME = """a course's "é" $HOME #1 $(date)"""
"""A folder's name with what shells, make, URLs and encodings trip over."""

# This test's own Python, as a command line of make has it.
RUN = f"RUN={shlex.quote(sys.executable).replace('$', '$$')}"

_TERRAFORM = """#!/bin/sh
env > "$RECORD/environment.$2"
printf '%s\\n' "$@" > "$RECORD/arguments.$2"
[ "$1" != -chdir=terraform ] || cd terraform
for word; do
    case $word in
    -out=*) echo planned > "${word#-out=}" ;;
    *.tfplan) cat "$word" >&2 ;;
    esac
done
[ "$2" != show ] || cat "$RECORD/plan.json"
"""


def _write_wheel(folder: Path, name: str, file: str, text: str) -> str:
    """Write a package of one file; return how a requirements file locks it."""
    info = f"{name}-1.0.dist-info"
    files = {
        file: text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{it},,\n" for it in [*files, f"{info}/RECORD"])
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, content)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _write_machines_python(prefix: Path) -> Path:
    """Make a second Python with packages, from the one that runs this."""
    version = f"python{sysconfig.get_python_version()}"
    library, packages = prefix / "lib" / version, prefix / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    for folder, copy in (
        (Path(sys.base_prefix, "lib"), library.parent),
        (Path(sysconfig.get_path("stdlib")), library),
    ):
        for entry in folder.iterdir():
            if not (copy / entry.name).exists():
                (copy / entry.name).symlink_to(entry)
    (packages / "machines.py").touch()
    (packages / "machines-1.0.dist-info").mkdir()
    (packages / "machines-1.0.dist-info" / "METADATA").write_text("Name: machines\nVersion: 1.0\n")
    (packages / "machines-1.0.dist-info" / "RECORD").write_text(
        "machines.py,,\nmachines-1.0.dist-info/METADATA,,\nmachines-1.0.dist-info/RECORD,,\n"
    )
    python = prefix / "bin" / "python3"
    python.parent.mkdir()
    shutil.copy(Path(sys.base_prefix, "bin", version), python)
    python.with_name(version).symlink_to(python)
    return python


def _files(folder: Path) -> set[str]:
    return {f"{path.relative_to(folder)}" for path in folder.rglob("*")}


class Checkout:
    """A copy of this checkout as an archive gives it, without modes, and a user who runs make."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "user"
        self.project = folder / NAME
        self.machine = folder / "machine"
        self.elsewhere = folder / "elsewhere"
        self.record = folder / "record"
        self.record.mkdir()
        plan = {"format_version": "1.2", "terraform_version": "1.11.0", "complete": True}
        plan |= {"errored": False, "planned_values": {}, "resource_changes": []}
        (self.record / "plan.json").write_text(json.dumps(plan))
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        for name in ("lambda", "scripts", "requirements", "terraform/environments"):
            shutil.copytree(ROOT / name, self.project / name, ignore=ignored)
        for name in (
            *("Makefile", ".python-version", "pyproject.toml"),
            "terraform/allowed_changes.toml",
        ):
            shutil.copy(ROOT / name, self.project / name)
        for path in self.project.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self._write_settings(_write_machines_python(self.machine))

    def write_sandbox(self) -> None:
        """Write what stands for a built sandbox: building it takes a minute, and real packages."""
        environment = self.project / ".venv-sandbox"
        image = self.project / "build" / "sandbox" / image_folder().name
        for path, text in (
            (environment / "lib" / "python3.13" / "site-packages" / "wasmtime" / "_.py", ""),
            (environment / "bin" / "python", "#!/bin/sh\n"),
            (environment / "complete", f"{self.project}\n"),
            (image / f"{MACHINE}.cwasm", ""),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (environment / "bin" / "python").chmod(0o755)

    def _write_settings(self, python: Path) -> None:
        """Write packages, where to find them, and what would have them end up elsewhere."""
        wheels = self.user / "wheels"
        wheels.mkdir(parents=True)
        uv = shlex.quote(f"{Path(sys.executable).with_name('uv')}")
        script = f'#!/bin/sh\nexec {uv} "$@"\n'
        requirements = self.project / "requirements"
        requirements.joinpath("bootstrap.txt").write_text(
            _write_wheel(wheels, "uv", "uv-1.0.data/scripts/uv", script)
        )
        requirements.joinpath("project.txt").write_text(
            _write_wheel(wheels, "sample", "sample.py", "")
        )
        settings = self.user / ".config"
        for tool in ("pip", "uv"):
            (settings / tool).mkdir(parents=True)
        (settings / "pip" / "pip.conf").write_text(
            f"[global]\nno-index = true\nfind-links = {wheels}\nquiet = 2\npython = {python}\n"
            f"[install]\nuser = true\ntarget = {self.elsewhere}\n"
        )
        (settings / "uv" / "uv.toml").write_text(
            f'no-index = true\nfind-links = ["{wheels}"]\nno-build = true\n'
            f'[pip]\nsystem = true\ntarget = "{self.elsewhere}"\n'
        )
        make = shutil.which("make") or "make"
        tools = self.user / "bin"
        tools.mkdir()
        (tools / "terraform").write_text(_TERRAFORM)
        (tools / "terraform").chmod(0o755)
        self.variables = {
            "HOME": f"{self.user}",
            "PATH": f"{tools}:{self.machine}/bin:{Path(make).parent}:/usr/bin:/bin",
            "RECORD": f"{self.record}",
            "STATE_BUCKET": "state",
            "PYTHONHOME": "/nowhere",
            "PYTHONOPTIMIZE": "2",
            "VIRTUAL_ENV": f"{self.elsewhere}",
            "UV_SYSTEM_PYTHON": "1",
            "UV_BREAK_SYSTEM_PACKAGES": "1",
            "UV_PYTHON": f"{python}",
            "UV_PROJECT_ENVIRONMENT": f"{self.elsewhere}",
            "UV_WORKING_DIR": f"{self.user}",
            "UV_EXCLUDE_NEWER": "2001-01-01",
            "UV_CONSTRAINT": "/nowhere",
            "PIP_USER": "1",
            "PIP_PREFIX": f"{self.elsewhere}",
            "PIP_PYTHON": f"{python}",
            "TF_CLI_ARGS": "-no-color",
            "TF_CLI_ARGS_init": "-upgrade",
            "TF_CLI_ARGS_plan": "-target=x -detailed-exitcode",
            "TF_CLI_CONFIG_FILE": "/nowhere",
            "TF_DATA_DIR": f"{self.elsewhere}",
            "TF_WORKSPACE": "other",
            "TF_VAR_name": "other",
            "TF_TOKEN_example": "kept",
            "AWS_PROFILE": "kept",
        }

    def make(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run make in the checkout, or in a folder that is it too, as a shell there does."""
        place = folder or self.project
        return subprocess.run(
            ["make", *arguments],  # noqa: S607
            cwd=place,
            env=self.variables | {"PWD": f"{place}"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment is made, by way of a link to it."""
    folder = tmp_path_factory.mktemp("make").resolve()
    checkout = Checkout(folder)
    (folder / "link").symlink_to(checkout.project)
    before = _files(checkout.machine)
    answer = checkout.make(".venv/complete", folder=folder / "link")
    assert answer.returncode == 0, answer.stderr
    assert _files(checkout.machine) == before
    checkout.write_sandbox()
    return checkout


def test_install_changes_only_the_projects_environment(checkout: Checkout) -> None:
    packages = checkout.project / ".venv" / "lib" / f"python{sysconfig.get_python_version()}"
    assert (packages / "site-packages" / "sample.py").is_file()
    assert (checkout.project / ".venv" / "bin" / "submitter").is_file()
    assert not checkout.elsewhere.exists()
    # Caches, and what this test itself has put there.
    assert {path.name for path in checkout.user.iterdir()} == {".cache", ".config", "bin", "wheels"}


def test_environment_is_kept_when_the_checkout_is_reached_by_a_link(checkout: Checkout) -> None:
    complete = checkout.project / ".venv" / "complete"
    before = complete.stat().st_mtime_ns
    for folder in (checkout.project, checkout.project.with_name("link")):
        for target in ("help", ".venv/complete"):
            answer = checkout.make(target, folder=folder)
            assert answer.returncode == 0
            assert "Installing" not in answer.stdout
    assert complete.stat().st_mtime_ns == before


def test_environment_of_a_moved_checkout_is_created_again_when_needed(
    checkout: Checkout, tmp_path: Path
) -> None:
    place = shutil.copytree(checkout.project, tmp_path / "moved", symlinks=True)
    before = _files(place)
    assert checkout.make("help", folder=place).returncode == 0
    assert _files(place) == before

    answer = checkout.make(".venv/complete", folder=place)

    assert answer.stdout.startswith("Creating .venv\n"), answer.stderr
    assert (place / ".venv" / "complete").read_text() == f"{place}\n"
    assert f"{place}/.venv/bin/python" in (place / ".venv" / "bin" / "submitter").read_text()


def test_environment_without_its_python_is_created_again(
    checkout: Checkout, tmp_path: Path
) -> None:
    place = shutil.copytree(checkout.project, tmp_path / "upgraded", symlinks=True)
    (place / ".venv" / "complete").write_text(f"{place}\n")
    assert "create_environment" not in checkout.make("-n", ".venv/complete", folder=place).stdout
    (place / ".venv" / "bin" / "python").unlink()
    assert "create_environment" in checkout.make("-n", ".venv/complete", folder=place).stdout


def test_environment_that_is_a_link_is_not_emptied(checkout: Checkout, tmp_path: Path) -> None:
    place = shutil.copytree(
        checkout.project, tmp_path / "linked", ignore=shutil.ignore_patterns(".venv")
    )
    (place / ".venv").symlink_to(checkout.project / ".venv")
    answer = checkout.make(".venv/complete", folder=place)
    assert answer.returncode != 0
    assert "error: .venv is a link to another folder. Remove the link" in answer.stderr
    assert (checkout.project / ".venv" / "complete").exists()


def test_unusable_path_is_an_error_at_the_start(checkout: Checkout, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(".venv")
    place = shutil.copytree(checkout.project, tmp_path / "a:b", ignore=ignored)
    answer = checkout.make("demo", folder=place)
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert f"error: Python can't create an environment in {place}" in answer.stderr
    assert not (place / ".venv").exists()


@pytest.mark.parametrize(("target", "plan"), [("plan", "dev"), ("drift", "dev.drift")])
def test_terraform_gets_the_makefiles_settings_and_none_of_the_users(
    target: str, plan: str, checkout: Checkout
) -> None:
    answer = checkout.make(target, RUN)
    assert answer.returncode == 0, answer.stderr
    for command in ("init", "plan", "show"):
        text = (checkout.record / f"environment.{command}").read_text()
        settings = [line for line in text.splitlines() if line.startswith(("TF_", "AWS_"))]
        assert sorted(settings) == [
            "AWS_PROFILE=kept",
            "TF_DATA_DIR=../build/terraform/dev",
            "TF_TOKEN_example=kept",
        ]
    assert (checkout.record / "arguments.plan").read_text().splitlines() == [
        *("-chdir=terraform", "plan", "-input=false", "-lock=false"),
        *("-var-file=environments/dev.tfvars", f"-out=../build/plans/{plan}.tfplan"),
    ]
    notice = next(line for line in answer.stderr.splitlines() if line.startswith("notice: "))
    assert {"TF_VAR_name", "TF_WORKSPACE", "TF_CLI_ARGS_plan"} <= set(notice.split())


def test_plan_is_applied_in_a_checkout_of_any_name(checkout: Checkout) -> None:
    assert checkout.make("plan", RUN).returncode == 0
    answer = checkout.make("apply", RUN)
    assert answer.returncode == 0, answer.stderr
    assert "planned" in answer.stderr
    assert (checkout.record / "arguments.apply").read_text().splitlines() == [
        *("-chdir=terraform", "apply", "-input=false", "../build/plans/dev.tfplan")
    ]


@pytest.mark.parametrize(
    "other", ["registry.terraform.io/stranger/aws", "stranger.example/hashicorp/aws"]
)
def test_state_with_another_provider_is_refused_before_it_runs(
    other: str, checkout: Checkout
) -> None:
    (checkout.record / "arguments.plan").unlink(missing_ok=True)
    providers = checkout.project / "build" / "terraform" / "dev" / "providers"
    for name in ("registry.terraform.io/hashicorp/aws", other):
        (providers / name).mkdir(parents=True)

    answer = checkout.make("plan", RUN)

    assert answer.returncode == 2
    assert f"{other}. None of them was run." in answer.stderr
    assert not (checkout.record / "arguments.plan").exists()
    assert not providers.exists()


def test_committed_checksums_are_enforced(checkout: Checkout) -> None:
    lock = checkout.project / "terraform" / ".terraform.lock.hcl"
    lock.touch()
    assert checkout.make("environment", RUN).returncode == 0
    lock.unlink()
    assert "-lockfile=readonly" in (checkout.record / "arguments.init").read_text().splitlines()


def test_plan_is_judged_by_the_guard_of_another_checkout(
    checkout: Checkout, tmp_path: Path
) -> None:
    plan = tmp_path / "a plan"
    plan.with_suffix(".json").write_text(json.dumps({"format_version": "99"}))
    allowed = tmp_path / "allowed.toml"
    allowed.touch()
    judge = ("judge", RUN, f"PLAN={plan}", f"ALLOWED={allowed}")
    answer = checkout.make(*judge)
    assert answer.returncode == 2
    assert "format is 99" in answer.stderr
