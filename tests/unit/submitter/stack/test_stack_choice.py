"""The choice of stack and region: options, variables, and what was applied from here."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from submitter.cli import app
from submitter.errors import ExitCode, SubmitterError
from submitter.output import Output
from submitter.stack.applied import choose_stack
from submitter.stack.context import Context
from submitter.stack.deployment import Deployment, Grader
from unit.submitter.contexts import DEPLOYMENT, GRADED

PROGRAM = """#!/bin/sh
[ -z "$TF_DATA_DIR$TF_CLI_ARGS_output" ] || exit 1
[ "$1 $2 $3" = "-chdir=$PWD/terraform output -json" ] || exit 1
cat terraform/outputs
"""
WARNING = "Warning: Unable to open CLI configuration file\n\nThe file {x} does not exist.\n\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout in which nothing was applied, and no setting of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SUBMITTER_", "TF_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr("submitter.cli.Context", partial(Context, project=tmp_path))
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        yield tmp_path


def outputs(name: str, region: str, account: str = "1") -> str:
    """Return what `terraform output -json` says of a stack."""
    values = asdict(DEPLOYMENT) | {"name": name, "region": region}
    values["queue_arn"] = f"arn:aws:sqs:{region}:{account}:{name}-submissions"
    return json.dumps({key: {"sensitive": False, "value": value} for key, value in values.items()})


def record(project: Path, environment: str, text: str) -> None:
    """Have applied an environment as `make apply` does."""
    folder = project / "build" / "stacks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{environment}.json").write_text(text)


def deploy(name: str, region: str) -> None:
    """Have a stack on AWS."""
    deployment = replace(DEPLOYMENT, name=name, region=region, bucket_name=f"{name}-{region}")
    ssm = boto3.client("ssm", region_name=region)
    value = json.dumps(asdict(deployment))
    ssm.put_parameter(Name=f"/submitter/{name}/stack", Value=value, Type="String")


def found(*options: str) -> tuple[str, str, str]:
    """Return a command line's stack, the region that it names, and that of the clients."""
    seen: list[Context] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("submitter.status.command.look_at_stack", seen.append)
        patch.setattr("submitter.status.command.context_of", lambda call, **_: call.obj)
        CliRunner().invoke(app, [*options, "status"])
    context = seen[0]
    return context.deployment.name, context.deployment.region, context.session.region_name


def run(*options: str) -> Result:
    """Run a command to its end; it fails before it shows anything."""
    return CliRunner().invoke(app, [*options, "status"])


@pytest.mark.parametrize(
    ("variables", "options", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, (), "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, (), "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-north-1"}, (), "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, ("--profile", "course"), "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, ("--profile", "course"), "eu-west-1"),
        ({}, ("--profile", "course"), "ap-south-1"),
        ({"AWS_PROFILE": "course"}, (), "ap-south-1"),
        ({"AWS_PROFILE": "course", "AWS_DEFAULT_PROFILE": "other"}, (), "ap-south-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": " "}, ("--profile", "course"), "ap-south-1"),
        ({"AWS_REGION": "eu-west-1"}, ("--region", "us-west-2"), "us-west-2"),
        ({"AWS_REGION": "eu-west-1"}, ("--region", ""), "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": ""}, (), "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, ("--profile", ""), "eu-west-1"),
    ],
)
def test_region_is_chosen_as_by_the_aws_cli(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    options: tuple[str, ...],
    region: str,
) -> None:
    keys = "aws_access_key_id = test\naws_secret_access_key = test\n"
    (project / "config").write_text(
        f"[profile course]\nregion = ap-south-1\n{keys}[profile other]\nregion = sa-east-1\n{keys}"
    )
    deploy("submitter", region)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert found(*options) == ("submitter", region, region)


@pytest.mark.parametrize("shell", ["us-east-1", "eu-west-1", None])
def test_applied_stack_is_used_in_its_region(
    project: Path, monkeypatch: pytest.MonkeyPatch, shell: str | None
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    deploy("submitter-dev", "us-east-1")
    if shell:
        monkeypatch.setenv("AWS_REGION", shell)
        monkeypatch.setenv("AWS_DEFAULT_REGION", shell)
        if shell != "us-east-1":
            deploy("submitter", shell)

    assert found() == ("submitter-dev", "us-east-1", "us-east-1")


def test_several_applied_stacks_need_an_option(project: Path) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    record(project, "prod", outputs("submitter-prod", "eu-west-1"))
    deploy("submitter-prod", "eu-west-1")

    asked = run()

    assert isinstance(asked.exception, SubmitterError)
    assert asked.exception.exit_code is ExitCode.USAGE
    assert "--stack submitter-dev --region us-east-1" in str(asked.exception)
    assert "--stack submitter-prod --region eu-west-1" in str(asked.exception)
    assert found("--stack", "submitter-prod") == ("submitter-prod", "eu-west-1", "eu-west-1")


def test_stack_of_the_same_name_in_another_account_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1", account="2"))
    deploy("submitter-dev", "us-east-1")

    refused = run().exception

    assert isinstance(refused, SubmitterError)
    assert refused.exit_code is ExitCode.UNAVAILABLE
    assert "to account 2 (build/stacks/dev.json), but these credentials are for account 1" in str(
        refused
    )
    assert str(refused).endswith("--stack submitter-dev")
    assert found("--stack", "submitter-dev")[0] == "submitter-dev"
    monkeypatch.setenv("SUBMITTER_STACK", "submitter-dev")
    assert found()[0] == "submitter-dev"


def test_stacks_that_differ_only_in_their_account_need_an_option(project: Path) -> None:
    record(project, "dev", outputs("submitter", "us-east-1", account="1"))
    record(project, "prod", outputs("submitter", "us-east-1", account="2"))
    deploy("submitter", "us-east-1")

    asked = str(run().exception)

    assert "--stack submitter --region us-east-1 (account 1)" in asked
    assert "--stack submitter --region us-east-1 (account 2)" in asked
    assert found("--stack", "submitter") == ("submitter", "us-east-1", "us-east-1")


@pytest.mark.parametrize("variable", ["submitter-prod", ""])
def test_variable_names_the_stack_unless_empty(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("SUBMITTER_STACK", variable)
    for name in ("submitter-dev", "submitter-prod", "other"):
        deploy(name, "us-east-1")

    assert found()[0] == (variable or "submitter-dev")
    assert found("--stack", "")[0] == "submitter-dev"
    assert found("--stack", "other")[0] == "other"


@pytest.mark.parametrize(
    ("options", "asked"), [((), "us-east-1"), (("--region", "eu-west-1"), "eu-west-1")]
)
def test_outdated_record_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], asked: str
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    monkeypatch.setenv("AWS_REGION", "us-west-2")

    error = str(run(*options).exception)

    assert f"There is no stack 'submitter-dev' in this account and region ({asked}," in error
    assert "to us-east-1 in account 1 (build/stacks/dev.json)." in error
    assert "--profile NAME" in error
    assert "delete build/stacks/dev.json" in error


def test_record_of_another_stack_is_ignored_with_an_option(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    record(project, "old", "cut off {")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    error = str(run("--stack", "nowhere").exception)

    assert "There is no stack 'nowhere' in this account and region (eu-west-1," in error
    assert "build/stacks" not in error


@pytest.mark.parametrize(
    "write",
    [
        *(
            partial(Path.write_text, data=text)
            for text in ("", "No outputs found", '{"name": {"value": "x"}}', "{", "[]")
        ),
        partial(Path.write_bytes, data=b"\xff"),
        Path.mkdir,
        partial(Path.symlink_to, target="nowhere"),
    ],
)
def test_invalid_record_is_an_error_unless_an_option_names_a_stack(
    project: Path, write: Callable[[Path], object]
) -> None:
    record(project, "dev", outputs("submitter-dev", "us-east-1"))
    write(project / "build" / "stacks" / "odd.json")

    assert choose_stack("submitter-dev", None, project).region == "us-east-1"
    with pytest.raises(SubmitterError, match=r"build/stacks/odd\.json.*--stack NAME"):
        choose_stack(None, None, project)


def test_record_of_a_removed_stack_is_ignored(project: Path) -> None:
    record(project, "dev", "{}")

    assert choose_stack(None, None, project).name == "submitter"


def test_warnings_before_the_json_are_skipped(project: Path) -> None:
    record(project, "dev", WARNING + outputs("submitter-dev", "us-east-1"))

    assert choose_stack(None, None, project).name == "submitter-dev"


@pytest.fixture
def without_make(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout where `tofu apply` was run in the folder terraform; there is no terraform."""
    folder = project / "terraform"
    (folder / ".terraform").mkdir(parents=True)
    (folder / "terraform.tfstate").touch()
    (folder / "outputs").write_text(WARNING + outputs("by-hand", "eu-west-1"))
    program = project / "bin" / "tofu"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("TERRAFORM", "tofu")
    return folder


def test_stack_applied_without_make_is_found(
    without_make: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_DATA_DIR", "elsewhere")
    monkeypatch.setenv("TF_CLI_ARGS_output", "name")
    deploy("by-hand", "eu-west-1")

    assert found() == ("by-hand", "eu-west-1", "eu-west-1")
    record(without_make.parent, "dev", outputs("submitter-dev", "us-east-1"))
    assert "--stack by-hand --region eu-west-1" in str(run().exception)


def test_unreadable_state_is_an_error(without_make: Path) -> None:
    (without_make / "outputs").unlink()

    with pytest.raises(SubmitterError, match=r"`tofu output` does not say.*No such file"):
        choose_stack(None, None, without_make.parent)


def test_initialised_folder_without_a_state_is_ignored(without_make: Path) -> None:
    (without_make / "outputs").unlink()
    (without_make / "terraform.tfstate").unlink()

    assert choose_stack(None, None, without_make.parent).name == "submitter"


def test_invalid_parameter_is_an_error(project: Path) -> None:
    ssm = boto3.client("ssm", region_name="us-east-1")
    for value in ("rubbish", "[]", '{"name": "s"}'):
        ssm.put_parameter(Name="/submitter/s/stack", Value=value, Type="String", Overwrite=True)
        context = Context(
            Output(as_json=False), stack_name="s", region="us-east-1", project=project
        )
        with pytest.raises(SubmitterError, match="parameter /submitter/s/stack lacks"):
            _ = context.deployment


def _read(project: Path, deployment: Deployment, **fields: str | None) -> Deployment:
    values = asdict(deployment) | fields
    told = {name: value for name, value in values.items() if value is not None}
    boto3.client("ssm", region_name="us-east-1").put_parameter(
        Name="/submitter/s/stack", Value=json.dumps(told), Type="String", Overwrite=True
    )
    return Context(
        Output(as_json=False), stack_name="s", region="us-east-1", project=project
    ).deployment


def test_grader_is_optional(project: Path) -> None:
    assert _read(project, DEPLOYMENT).grader is None
    assert _read(project, GRADED).grader == Grader(
        "submitter-grader", "/aws/lambda/submitter-grader", "a1b2c3d4-5678-90ab-cdef-11111EXAMPLE"
    )


@pytest.mark.parametrize("name", ["function_name", "log_group_name", "mapping_uuid"])
def test_part_of_a_grader_is_an_error(project: Path, name: str) -> None:
    with pytest.raises(SubmitterError, match=rf"stack lacks grader_{name}: the stack is older"):
        _read(project, GRADED, **{f"grader_{name}": None})
