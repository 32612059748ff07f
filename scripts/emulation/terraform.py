"""Terraform on an emulator: applies a copy of the production configuration.

A copy, because the emulator needs settings in the provider's block, which must not be left in the
configuration for AWS.
"""

import copy
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from emulation.endpoint import Endpoint
from emulation.errors import EmulationError
from emulation.project import BUILD, EXECUTOR, SCRIPTS, TERRAFORM
from emulation.provider_source import MIRROR_PARENTS, configure_provider_source
from emulation.supervised import supervised
from emulation.terraform_program import Program, find_program, users_environment
from submitter.stack.deployment import Deployment

_NOT_COPIED = shutil.ignore_patterns(
    "backend.tf", ".terraform*", "*.tfstate*", "*.tfvars", "tests", "bootstrap"
)
"""State stays in the working copy; everything else is copied from production."""

_VARIABLES = "terraform.tfvars.json"


@dataclass(frozen=True, slots=True)
class StackOutputs(Deployment):
    """The root module's outputs."""

    dashboard_name: str
    stack_parameter_name: str


class Terraform:
    """Runs Terraform in a working copy of a configuration."""

    def __init__(
        self,
        endpoint: Endpoint,
        folder: Path,
        variables: Mapping[str, object],
        root: Path = TERRAFORM,
    ) -> None:
        """Create or renew the working copy in ``folder``.

        Args:
            endpoint: the emulator to provision on.
            folder: the folder of the copy; existing state in it is kept.
            variables: values of the root module's variables.
            root: the root module to copy.

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
        override_provider(folder)
        self._environment = terraform_environment(endpoint, folder, self._program)

    def init(self) -> None:
        """Install the provider and the modules.

        Raises:
            EmulationError: neither a local mirror nor the registry has the provider.
        """
        output, code = self._run("init", "-input=false", "-no-color")
        if code:
            if "hashicorp/aws" in output:
                product, parents = self._program.product, ", ".join(map(str, MIRROR_PARENTS))
                raise EmulationError(
                    f"{product} found no AWS provider that fits: neither in a mirror below "
                    f"{parents} nor in its registry. Go online once, or run "
                    f"`{self._name} providers mirror` on another machine, and copy its files to "
                    f"{MIRROR_PARENTS[0] / 'terraform-mirror'}. {product} said:\n{output.strip()}"
                )
            raise self._failure("init", output)

    def validate(self) -> None:
        """Check the configuration without an account.

        Raises:
            EmulationError: the configuration is not valid; the text has Terraform's diagnostics.
        """
        output, code = self._run("validate", "-no-color")
        if code:
            raise self._failure("validate", output)

    def test(self) -> str:
        """Run Terraform's own tests of the configuration, without an account.

        Returns:
            Terraform's output.

        Raises:
            EmulationError: a test fails; the text says which and why.
        """
        shutil.copytree(self._root / "tests", self._folder / "tests", dirs_exist_ok=True)
        self.init()
        output, code = self._run("test", "-no-color")
        if code:
            raise self._failure("test", output)
        return output.strip()

    def apply(self, on_progress: Callable[[str], None] = lambda _line: None) -> None:
        """Create or change the stack.

        Args:
            on_progress: receives a line for each finished resource.

        Raises:
            EmulationError: the apply failed; the text has Terraform's diagnostics.
        """
        self._change("apply", on_progress)

    def destroy(self, on_progress: Callable[[str], None] = lambda _line: None) -> None:
        """Remove the stack.

        Args:
            on_progress: receives a line for each removed resource.

        Raises:
            EmulationError: the destroy failed; the text has Terraform's diagnostics.
        """
        self._change("destroy", on_progress)

    def copy(self, folder: Path, variables: Mapping[str, object]) -> Self:
        """Make another working copy with the same state, for plans that are never applied.

        Args:
            folder: the copy's folder, which must not exist.
            variables: values of the root module's variables that differ in the copy.
        """
        shutil.copytree(self._folder, folder, symlinks=True)
        settings = folder / _VARIABLES
        own = json.loads(settings.read_text(encoding="utf-8"))
        settings.write_text(json.dumps(own | dict(variables)), encoding="utf-8")
        other = copy.copy(self)
        other._folder = folder  # noqa: SLF001 - its own kind
        return other

    def plan(self, file: Path) -> None:
        """Plan, and write the plan's JSON, as `terraform show -json` prints it, into a file.

        Args:
            file: the JSON file; the plan itself gets the same name with .tfplan.

        Raises:
            EmulationError: the plan failed.
        """
        plan = file.with_suffix(".tfplan")
        for _message in self._stream("plan", "-json", "-input=false", f"-out={plan}"):
            pass
        output, code = self._run("show", "-json", str(plan))
        if code:
            raise self._failure("show", output)
        # Warnings can stand before and after it.
        document = next(filter(_json_object, output.splitlines()), None)
        if document is None:
            raise self._failure("show -json", output)
        file.write_text(document, encoding="utf-8")

    def planned_changes(self) -> list[str]:
        """Plan, and return each change as ``<action> <address>``.

        Raises:
            EmulationError: the plan failed.
        """
        messages = self._stream("plan", "-json", "-input=false", "-detailed-exitcode")
        return [
            f"{change['action']} {change['resource']['addr']}"
            for message in messages
            # Not resource_drift, which also has computed values that were only read again.
            if message.get("type") == "planned_change"
            for change in [message["change"]]
        ]

    def managed_resources(self) -> list[str]:
        """Return the addresses of all resources in the state."""
        output, code = self._run("state", "list")
        if code:
            raise self._failure("state list", output)
        return [line for line in output.splitlines() if "." in line and " " not in line]

    def state(self) -> dict[str, Any]:
        """Return Terraform's state: all resources with their attributes."""
        text = (self._folder / "terraform.tfstate").read_text(encoding="utf-8")
        state: dict[str, Any] = json.loads(text)
        return state

    def outputs(self) -> StackOutputs:
        """Return the stack's outputs."""
        outputs = self.state()["outputs"]
        # The state leaves out what is null.
        values: dict[str, Any] = {
            each.name: outputs[each.name]["value"]
            for each in fields(StackOutputs)
            if each.name in outputs
        }
        return StackOutputs(**values)

    def _change(self, command: str, on_progress: Callable[[str], None]) -> None:
        for message in self._stream(command, "-json", "-input=false", "-auto-approve"):
            if message.get("type") == "apply_complete" and message["hook"]["action"] != "read":
                hook = message["hook"]
                on_progress(f"{hook['resource']['addr']} ({hook.get('elapsed_seconds', 0):g} s)")

    def _stream(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """Run a command that prints JSON, and yield its messages as they come."""
        errors: list[str] = []
        noise: list[str] = []
        command = [self._program.path, *arguments]
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
            raise self._failure(arguments[0], reason)

    def _failure(self, command: str, output: str) -> EmulationError:
        return EmulationError(
            f"{self._name} {command} failed. Fix the error, and run this again:\n{output.strip()}"
        )

    def _run(self, *arguments: str) -> tuple[str, int]:
        command = [self._program.path, *arguments]
        with supervised(command, cwd=self._folder, env=self._environment) as process:
            # Not communicate(), which closes the input and so ends the supervised process.
            output = process.stdout.read() if process.stdout else ""
            return output, process.wait()


def _json_object(line: str) -> dict[str, Any] | None:
    """Return a line's JSON object, or None if the line has none."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def terraform_environment(endpoint: Endpoint, folder: Path, program: Program) -> dict[str, str]:
    """Return the environment in which Terraform, and what it runs, knows only an emulator.

    Args:
        endpoint: the emulator.
        folder: the folder for Terraform's CLI configuration.
        program: Terraform.
    """
    return {
        # Most of what a plan costs is the provider's garbage collection: it takes a fifth less.
        "GOGC": "400",
        **configure_provider_source(
            users_environment(),
            program,
            folder=folder,
            plugin_cache=BUILD / "terraform-plugin-cache",
        ),
        **endpoint.environment,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": f"{SCRIPTS}{os.pathsep}{EXECUTOR}",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def override_provider(folder: Path) -> None:
    """Adapt a root module's provider to an emulator, which AWS_ENDPOINT_URL names.

    Args:
        folder: a working copy of the root module; PROVIDER_VERSION names its provider's release.
    """
    # The emulator has no host for each bucket.
    override: dict[str, Any] = {"provider": {"aws": {"s3_use_path_style": True}}}
    version = os.environ.get("PROVIDER_VERSION")
    if version:
        aws = {"source": "hashicorp/aws", "version": version}
        override["terraform"] = {"required_providers": {"aws": aws}}
    (folder / "emulator_override.tf.json").write_text(json.dumps(override), encoding="utf-8")
