"""Terraform on an emulator: the production configuration, applied from a copy of it.

A copy, because tflocal writes the emulator's endpoints into the folder it works in: killed
at a bad moment it must not leave them beside the configuration that is applied to AWS.
"""

import copy
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from emulation.errors import EmulationError
from emulation.localstack import HOST, Endpoint
from emulation.project import BUILD, EXECUTOR, SCRIPTS, TERRAFORM, TFLOCAL
from emulation.supervised import supervised
from emulation.terraform_cli import MIRROR_PARENTS, configure_provider_source
from emulation.terraform_program import Program, find_program, users_environment

_NOT_COPIED = shutil.ignore_patterns(
    "backend.tf", ".terraform*", "*.tfstate*", "*.tfvars", "tests", "bootstrap"
)
"""State stays in the working copy; everything else about the stack is production's."""

_VARIABLES = "terraform.tfvars.json"

_SERVICES = (
    *("CLOUDWATCH", "LOGS", "IAM", "KMS", "LAMBDA", "RESOURCEGROUPSTAGGINGAPI"),
    *("S3", "S3CONTROL", "SNS", "SQS", "SSM", "STS"),
)
"""What the stack is made of, as tflocal names services."""


@dataclass(frozen=True, slots=True)
class StackOutputs:
    """The root module's outputs."""

    name: str
    bucket_name: str
    queue_url: str
    queue_arn: str
    dead_letter_queue_url: str
    dead_letter_queue_arn: str
    intake_failures_queue_url: str
    intake_failures_queue_arn: str
    function_name: str
    function_log_group_name: str
    dashboard_name: str
    stack_parameter_name: str
    region: str


class Terraform:
    """A working copy of a configuration, and Terraform running in it."""

    def __init__(
        self,
        endpoint: Endpoint,
        folder: Path,
        variables: Mapping[str, object],
        root: Path = TERRAFORM,
    ) -> None:
        """Make or renew the working copy in ``folder``.

        Args:
            endpoint: the emulator to provision on.
            folder: where the copy and its state lie; state that is there is kept.
            variables: values of the root module's variables.
            root: the root module's folder, where it is another one than the stack's of today.

        Raises:
            EmulationError: Terraform is not installed, or too old.
        """
        self._folder, self._root = folder, root
        self._program = find_program(users_environment())
        self._name = Path(self._program.path).name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.tf"):
            old.unlink()
        shutil.rmtree(folder / "modules", ignore_errors=True)
        shutil.copytree(root, folder, ignore=_NOT_COPIED, dirs_exist_ok=True)
        (folder / _VARIABLES).write_text(json.dumps(dict(variables)), encoding="utf-8")
        choose_provider(folder)
        self._environment = _environment(endpoint, folder, self._program)

    def init(self) -> None:
        """Install the provider and the modules.

        Raises:
            EmulationError: the provider is to be had neither here nor from the registry.
        """
        output, code = self._run("init", "-input=false", "-no-color")
        if code:
            if "hashicorp/aws" in output:
                product, parents = self._program.product, ", ".join(map(str, MIRROR_PARENTS))
                raise EmulationError(
                    f"{product} found no AWS provider that fits: neither in a mirror below "
                    f"{parents} nor in its registry. Go online once, or unpack what "
                    f"`{self._name} providers mirror` writes on another machine into "
                    f"{MIRROR_PARENTS[0] / 'terraform-mirror'}. {product} said:\n{output.strip()}"
                )
            raise EmulationError(f"{self._name} init failed:\n{output.strip()}")

    def validate(self) -> None:
        """Check the configuration without an account.

        Raises:
            EmulationError: it is not valid; the text has Terraform's diagnostics.
        """
        output, code = self._run("validate", "-no-color")
        if code:
            raise EmulationError(f"{self._name} validate failed:\n{output.strip()}")

    def test(self) -> str:
        """Run Terraform's own tests of the configuration, without an account.

        Returns:
            What Terraform says of each.

        Raises:
            EmulationError: one fails; the text says which and why.
        """
        shutil.copytree(self._root / "tests", self._folder / "tests", dirs_exist_ok=True)
        self.init()
        output, code = self._run("test", "-no-color", program=(self._program.path,))
        if code:
            raise EmulationError(f"{self._name} test failed:\n{output.strip()}")
        return output.strip()

    def apply(self, on_progress: Callable[[str], None] = lambda _line: None) -> None:
        """Create or change the stack.

        Args:
            on_progress: told a line for each resource that is done.

        Raises:
            EmulationError: the apply failed; the text has Terraform's diagnostics.
        """
        self._change("apply", on_progress)

    def destroy(self, on_progress: Callable[[str], None] = lambda _line: None) -> None:
        """Remove the stack.

        Args:
            on_progress: told a line for each resource that is gone.

        Raises:
            EmulationError: the destroy failed; the text has Terraform's diagnostics.
        """
        self._change("destroy", on_progress)

    def copy(self, folder: Path, variables: Mapping[str, object]) -> Self:
        """Make another working copy, with the same state: to plan what is not to be applied.

        Args:
            folder: where the copy lies; it must not be there yet.
            variables: values of the root module's variables that are others there.
        """
        shutil.copytree(self._folder, folder, symlinks=True)
        settings = folder / _VARIABLES
        own = json.loads(settings.read_text(encoding="utf-8"))
        settings.write_text(json.dumps(own | dict(variables)), encoding="utf-8")
        other = copy.copy(self)
        other._folder = folder  # noqa: SLF001 - its own kind
        return other

    def plan(self, file: Path) -> None:
        """Plan, and write what `terraform show -json` tells of the plan into a file.

        Args:
            file: where to write; the plan itself is put beside it.

        Raises:
            EmulationError: the plan failed.
        """
        plan = file.with_suffix(".tfplan")
        for _message in self._stream("plan", "-json", "-input=false", f"-out={plan}"):
            pass
        output, code = self._run("show", "-json", str(plan))
        if code:
            raise EmulationError(f"{self._name} show failed:\n{output.strip()}")
        # tflocal and Terraform may have something to say before and after it.
        document = next(filter(_json_object, output.splitlines()), None)
        if document is None:
            raise EmulationError(f"{self._name} show gave no JSON:\n{output.strip()}")
        file.write_text(document, encoding="utf-8")

    def planned_changes(self) -> list[str]:
        """Plan, and return what would change: ``<action> <address>``; nothing if all is as it is.

        Raises:
            EmulationError: the plan failed.
        """
        messages = self._stream("plan", "-json", "-input=false", "-detailed-exitcode")
        return [
            f"{change['action']} {change['resource']['addr']}"
            for message in messages
            # Not resource_drift: it also tells of computed values that were merely read again.
            if message.get("type") == "planned_change"
            for change in [message["change"]]
        ]

    def managed_resources(self) -> list[str]:
        """Return the addresses of everything in the state."""
        output, code = self._run("state", "list")
        if code:
            raise EmulationError(f"{self._name} state list failed:\n{output.strip()}")
        return [line for line in output.splitlines() if "." in line and " " not in line]

    def state(self) -> dict[str, Any]:
        """Return the state: all resources with their attributes, as Terraform keeps them."""
        text = (self._folder / "terraform.tfstate").read_text(encoding="utf-8")
        state: dict[str, Any] = json.loads(text)
        return state

    def outputs(self) -> StackOutputs:
        """Return the stack's outputs."""
        values = {name: output["value"] for name, output in self.state()["outputs"].items()}
        return StackOutputs(**{name: values[name] for name in StackOutputs.__dataclass_fields__})

    def _change(self, command: str, on_progress: Callable[[str], None]) -> None:
        for message in self._stream(command, "-json", "-input=false", "-auto-approve"):
            if message.get("type") == "apply_complete" and message["hook"]["action"] != "read":
                hook = message["hook"]
                on_progress(f"{hook['resource']['addr']} ({hook.get('elapsed_seconds', 0):g} s)")

    def _stream(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """Run a command that speaks JSON, and yield its messages as they come."""
        errors: list[str] = []
        noise: list[str] = []
        command = [sys.executable, str(TFLOCAL), *arguments]
        with supervised(command, cwd=self._folder, env=self._environment) as process:
            assert process.stdout is not None  # noqa: S101 - supervised() asked for a pipe
            for line in process.stdout:
                message = _json_object(line)
                if message is None:
                    noise.append(line)
                    continue
                if message.get("type") == "diagnostic" and message["@level"] == "error":
                    diagnostic = message["diagnostic"]
                    errors.append(f"{diagnostic['summary']}\n{diagnostic['detail']}".strip())
                yield message
            code = process.wait()
        changed_code = 2 if "-detailed-exitcode" in arguments else 0
        if errors or code not in {0, changed_code}:
            reason = "\n\n".join(errors) or "".join(noise[-15:]) or f"exit code {code}"
            raise EmulationError(f"{self._name} {arguments[0]} failed:\n{reason}")

    def _run(
        self, *arguments: str, program: tuple[str, ...] = (sys.executable, str(TFLOCAL))
    ) -> tuple[str, int]:
        command = [*program, *arguments]
        with supervised(command, cwd=self._folder, env=self._environment) as process:
            # Not communicate(): it would close the input, and end the supervised process.
            output = process.stdout.read() if process.stdout else ""
            return output, process.wait()


def _json_object(line: str) -> dict[str, Any] | None:
    """Return the JSON object that a line is, or None for a line that is something else."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _environment(endpoint: Endpoint, folder: Path, program: Program) -> dict[str, str]:
    """Return Terraform's environment."""
    return {
        **configure_provider_source(
            users_environment(),
            program,
            folder=folder,
            plugin_cache=BUILD / "terraform-plugin-cache",
        ),
        **endpoint.environment,
        **_service_endpoints(endpoint),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # tflocal turns on path-style addressing when S3 has no name of its own.
        "S3_HOSTNAME": HOST,
        "PYTHONPATH": f"{SCRIPTS}{os.pathsep}{EXECUTOR}",
        # Most of what a plan costs is the provider's garbage collection: it takes a fifth less.
        "GOGC": os.environ.get("GOGC", "400"),
        # tflocal reads the configuration in the locale's encoding.
        "PYTHONUTF8": "1",
        "TF_CMD": program.path,
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "DISABLE_DEPRECATION_NOTICE": "1",
    }


def _service_endpoints(endpoint: Endpoint) -> dict[str, str]:
    """Return what tells tflocal of an emulator served over TLS: left to itself it says http."""
    if endpoint.ca_bundle is None:
        return {}
    return {f"{service}_ENDPOINT": endpoint.url for service in _SERVICES}


def choose_provider(folder: Path) -> None:
    """Have a root module use the release of the provider that PROVIDER_VERSION asks for.

    Args:
        folder: a copy of its folder.
    """
    version = os.environ.get("PROVIDER_VERSION")
    if version:
        aws = {"source": "hashicorp/aws", "version": version}
        override = {"terraform": {"required_providers": {"aws": aws}}}
        (folder / "provider_override.tf.json").write_text(json.dumps(override), encoding="utf-8")
