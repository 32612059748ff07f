"""An account with nothing in it, and a checkout of the project that was never used.

What a team has written into the .tfvars for its own account holds here too, as far as an emulated
account can have it: its stacks' names, its region, and the roles and users that it names.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from build_sandbox import image_folder
from emulation.endpoint import forget_aws_settings
from emulation.ministack import temporary_ministack
from emulation.project import ROOT, TERRAFORM
from emulation.supervised import supervised
from emulation.terraform import override_provider, terraform_environment
from emulation.terraform_program import find_program, users_environment


def setting(file: str, name: str) -> str:
    """Return a text that the project's own configuration sets.

    Args:
        file: its path below terraform/.
        name: the variable's.
    """
    found = re.search(rf'^{name} += "(.*)"$', (TERRAFORM / file).read_text(), re.MULTILINE)
    assert found is not None, f"terraform/{file} sets no {name}"
    return found[1]


ACCOUNT = "000000000000"
REGION = setting("bootstrap/terraform.tfvars", "region")
GRADING = (
    "grading = { permissions_boundary_name = "
    f'"bootstrap/{setting("environments/prod.tfvars", "name")}-grader-boundary-{REGION}" }}'
)
"""What turns grading on in a stack that the workflows deploy, as docs/operating.md has it."""
_ACCOUNT = re.compile(r"(?<=:)[0-9]{12}(?=:)")
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)(/(?:[!-~]+/)?)([\w+=,.@-]+)")
_PATH_STYLE = "use_path_style=true"
"""AWS's own addresses do not need it: the bucket's name is a part of the path."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of the project, and an account to ship it to."""

    folder: Path
    settings: Mapping[str, str]

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - of any service
        """Return a client for a service of the account: the administrator's, or another's."""
        settings = {**self.settings, **(credentials or {})}
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            endpoint_url=settings["AWS_ENDPOINT_URL"],
            verify=settings["AWS_CA_BUNDLE"],
            aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=settings.get("AWS_SESSION_TOKEN"),
        )

    def run(self, script: str, **variables: str) -> tuple[int, str]:
        """Run lines of a shell that stops at the first that fails; answer yes to all questions.

        Args:
            script: the lines.
            variables: the shell's environment variables, added to the checkout's settings.

        Returns:
            The exit code, and what was printed.
        """
        command = ["/bin/sh", "-c", 'yes yes | /bin/sh -euc "$0"', script]
        with supervised(command, cwd=self.folder, env={**self.settings, **variables}) as process:
            output = process.stdout.read() if process.stdout else ""
            return process.wait(), output


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    forget_aws_settings()
    folder = tmp_path_factory.mktemp("shipping")
    # A name as people choose it, which Terraform, make and their children must handle.
    project = folder / """a course's "é" $submitter #1"""
    for name in _project_files():
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for root in ("terraform", "terraform/bootstrap"):
        override_provider(project / root)
    # Building it takes a minute.
    image = image_folder()
    shutil.copytree(image, project / "build" / "sandbox" / image.name)
    production = project / "terraform" / "environments" / "prod.tfvars"
    production.write_text(f"{production.read_text()}{GRADING}\n")
    # Where a team keeps its own account's state.
    (project / "terraform" / "bootstrap" / "backend.tf").unlink(missing_ok=True)
    for backend in project.glob("terraform/environments/*.tfbackend"):
        backend.write_text(f"{backend.read_text()}{_PATH_STYLE}\n")
    principals = set[tuple[str, str, str]]()
    for variables in project.glob("terraform/*/*.tfvars"):
        text = _ACCOUNT.sub(ACCOUNT, variables.read_text())
        variables.write_text(text)
        principals.update(_PRINCIPAL.findall(text))
    with temporary_ministack() as ministack:
        program = find_program(users_environment())
        settings = terraform_environment(ministack.endpoint, folder, program)
        # For the bootstrap's own commands; make passes none of the user's arguments on.
        settings |= {"TF_CLI_ARGS_init": f"-backend-config={_PATH_STYLE}", "NO_COLOR": "1"}
        # A new user has no settings of the make that runs the tests.
        for inherited in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
            settings.pop(inherited, None)
        checkout = Checkout(project, settings)
        _make(checkout, principals)
        yield checkout


def _make(checkout: Checkout, principals: set[tuple[str, str, str]]) -> None:
    """Make the roles and users that policies are to be attached to."""
    iam = checkout.client("iam")
    for kind, path, name in sorted(principals):
        if kind == "role":
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")
        else:
            iam.create_user(UserName=name, Path=path)


def _project_files() -> list[str]:
    """Return what a clone would have: what is committed, and what is about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in answer.stdout.splitlines() if (ROOT / name).is_file()]
