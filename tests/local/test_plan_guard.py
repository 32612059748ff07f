"""The plan guard on plans that Terraform really made, of changes people really make."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulation.project import SCRIPTS
from emulation.stack import Stack
from package_function import INTAKE, LAMBDA, sources_of, write_package
from plan_guard.judgement import findings
from plan_guard.plan import load_plan

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")

QUEUE = 'module.submitter_queue.aws_sqs_queue.this["queue"]'
BUCKET = "module.submitter_bucket.aws_s3_bucket"
FUNCTION = "module.intake_function.aws_lambda_function.this"
TOPIC = "arn:aws:sns:us-east-1:000000000000:staff"
NOTIFICATION = "module.intake_notification.aws_s3_bucket_notification.this"


@dataclass(frozen=True, slots=True)
class Edit:
    """A line of the configuration, and its replacement."""

    file: str
    old: str
    new: str

    def make(self, folder: Path) -> None:
        path = folder / self.file
        text = path.read_text()
        assert text.count(self.old) == 1, f"{self.file} has {self.old!r} not once"
        path.write_text(text.replace(self.old, self.new))


type PlanOf = Callable[..., Path]


@pytest.fixture
def plan_of(stack: Stack, tmp_path: Path) -> PlanOf:
    """Return a function that plans a change of the shared stack, and applies nothing."""

    def plan(
        *edits: Edit, variables: Mapping[str, object] | None = None, is_new: bool = False
    ) -> Path:
        folder = tmp_path / "terraform"
        terraform = stack.terraform.copy(folder, variables or {})
        if is_new:
            (folder / "terraform.tfstate").unlink()
        for edit in edits:
            edit.make(folder)
        terraform.plan(tmp_path / "plan.json")
        return tmp_path / "plan.json"

    return plan


def _guard(plan: Path, *options: str | Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "plan_guard", str(plan), *map(str, options)]
    environment = {"PYTHONPATH": str(SCRIPTS)}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def _found(plan: Path) -> dict[str, str]:
    """Return why each address stops, in one text."""
    return {it.address: "; ".join(it.reasons) for it in findings(load_plan(plan))}


@pytest.fixture(scope="module")
def edited_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function with a line more."""
    folder = tmp_path_factory.mktemp("edited")
    edited = folder / "lambda"
    shutil.copytree(LAMBDA, edited)
    handler = edited / INTAKE / "handler.py"
    handler.write_text(handler.read_text() + "\n# edited\n")
    write_package(sources_of(INTAKE, edited), folder / "edited.zip")
    return folder / "edited.zip"


DESCRIPTION = Edit(
    "main.tf", "Announces uploaded submissions on the submitter queue.", "Announces submissions."
)


def test_usual_changes_pass(plan_of: PlanOf, edited_package: Path) -> None:
    plan = plan_of(
        DESCRIPTION,
        variables={
            "package_path": str(edited_package),
            "function_memory_mb": 1024,
            "function_timeout_seconds": 60,
            "queue_retention_days": 8,
            "log_retention_days": 365,
            "max_receive_count": 8,
            "visibility_timeout_seconds": 600,
            "noncurrent_version_retention_days": 365,
            "oldest_message_age_alarm_seconds": 1800,
            "alarm_topic_arn": TOPIC,
            "tags": {"Course": "CS101"},
            "force_destroy": False,
        },
    )

    code, summary = _guard(plan, "--title", "prod")
    assert code == 0, summary
    assert "### Plan for `prod`: passes" in summary
    assert " 0 to replace, 0 to delete." in summary
    assert "other code runs from then on" in summary
    assert "`memory_size`: `512` → `1024`" in summary
    assert "`retention_in_days`: `180` → `365`" in summary
    # No policy is written again only because what it names changes.
    assert "`policy`" not in summary


def test_second_plan_shows_no_changes(plan_of: PlanOf) -> None:
    code, summary = _guard(plan_of(), "--expect-no-changes")
    assert code == 0, summary
    assert "no changes" in summary


def test_renaming_the_queue_is_stopped_unless_the_printed_entry_allows_it(
    plan_of: PlanOf, tmp_path: Path
) -> None:
    plan = plan_of(Edit("main.tf", '"${local.name}-submissions"', '"${local.name}-other"'))

    code, summary = _guard(plan)
    assert code == 1
    assert "is replaced because name changes" in _found(plan)[QUEUE]

    entries = summary.partition("```toml\n")[2].partition("```")[0].replace('"..."', '"empty"')
    allowed = tmp_path / "allowed.toml"
    allowed.write_text(entries)
    code, summary = _guard(plan, "--allow", allowed)
    assert code == 0, summary

    _, _, others = entries.partition("\n\n")
    allowed.write_text(others)
    code, summary = _guard(plan, "--allow", allowed)
    assert code == 1
    assert "Stopped by 1 change:" in summary


@pytest.mark.nightly
def test_dropped_encryption_and_shortened_retention_are_stopped(plan_of: PlanOf) -> None:
    bucket = "modules/submitter_bucket/bucket.tf"
    start = 'resource "aws_s3_bucket_server_side_encryption_configuration" "this" {'
    plan = plan_of(
        Edit(bucket, start, f"{start}\n  count = 0"),
        Edit("modules/queue/queue.tf", "var.key == null ? true : null", "false"),
        variables={
            "queue_retention_days": 6,
            "log_retention_days": 30,
            "noncurrent_version_retention_days": 30,
        },
    )

    found = _found(plan)
    # With a count that is 0, the one there was has a number.
    assert "is deleted" in found.pop(f"{BUCKET}_server_side_encryption_configuration.this[0]")
    assert "message_retention_seconds becomes 518400 and was 604800" in found[QUEUE]
    assert found.keys() == {
        QUEUE,
        QUEUE.replace('"queue"', '"dead_letter"'),
        'module.intake_failures.aws_sqs_queue.this["queue"]',
        "module.intake_function.aws_cloudwatch_log_group.this",
        f"{BUCKET}_lifecycle_configuration.this",
    }


@pytest.mark.nightly
def test_silently_broken_flow_is_stopped(plan_of: PlanOf) -> None:
    """All resources are still there, and each is changed in place."""
    destination = """
  destination_config {
    on_failure {
      destination = var.asynchronous.failures_queue_arn
    }
  }
"""
    plan = plan_of(
        Edit(
            "modules/intake_notification/notification.tf",
            'filter_suffix       = ".json"',
            'filter_suffix       = ".jsn"',
        ),
        Edit("modules/function/asynchronous.tf", destination, ""),
        Edit(
            "modules/queue/queue.tf",
            'deadLetterTargetArn = aws_sqs_queue.this["dead_letter"].arn',
            'deadLetterTargetArn = aws_sqs_queue.this["queue"].arn',
        ),
        variables={"reserved_concurrency": 0},
    )

    assert _found(plan).keys() == {
        NOTIFICATION,
        FUNCTION,
        "module.intake_function.aws_lambda_function_event_invoke_config.this[0]",
        "module.submitter_queue.aws_sqs_queue_redrive_policy.queue[0]",
    }


def test_new_rights_are_stopped_and_shown_in_words(plan_of: PlanOf) -> None:
    further = """
resource "aws_iam_role_policy" "wider" {
  role   = aws_iam_role.this.name
  policy = replace(data.aws_iam_policy_document.permissions.json, "SendMessage", "DeleteQueue")
}
"""
    role = 'resource "aws_iam_role" "this" {'
    plan = plan_of(
        Edit("modules/function/role.tf", role, f"{further}\n{role}"),
        Edit(
            "modules/submitter_bucket/access.tf",
            "block_public_policy     = true",
            "block_public_policy     = false",
        ),
        variables={"repairing_operator_arns": ["arn:aws:iam::000000000000:role/repairer"]},
    )

    found = _found(plan)
    assert "sqs:DeleteQueue" in found.pop("module.intake_function.aws_iam_role_policy.wider")
    attachment = "module.access_policies.aws_iam_role_policy_attachment.this"
    key = "repairing_operator arn:aws:iam::000000000000:role/repairer"
    assert 'role becomes "repairer"' in found.pop(f'{attachment}["{key}"]')
    assert found == {
        f"{BUCKET}_public_access_block.this": "block_public_policy becomes false and was true",
        # One more may delete versions.
        f"{BUCKET}_policy.this": (
            "changes DenyVersionDeletion: Condition gains ArnNotLike aws:PrincipalArn "
            "arn:aws:iam::000000000000:role/repairer"
        ),
    }


@pytest.mark.nightly
def test_new_key_is_stopped_and_its_policies_are_shown(plan_of: PlanOf) -> None:
    code, summary = _guard(plan_of(variables={"customer_managed_key": True}))
    assert code == 1
    assert "**Policies that are written during the apply:**" in summary
    assert "EncryptSubmissions: Effect Allow; Action kms:GenerateDataKey" in summary


@pytest.mark.nightly
def test_provisioners_and_imports_are_stopped(plan_of: PlanOf, stack: Stack) -> None:
    beside = f"""
resource "aws_sqs_queue" "adopted" {{
  name = "{stack.outputs.name}-submissions"
}}

import {{
  to = aws_sqs_queue.adopted
  id = "{stack.outputs.queue_url}"
}}

resource "terraform_data" "runs" {{
  provisioner "local-exec" {{
    command = "true"
  }}
}}

"""
    plan = plan_of(
        Edit("main.tf", 'module "submitter_bucket" {', f'{beside}module "submitter_bucket" {{')
    )

    found = _found(plan)
    assert "imports" in found["aws_sqs_queue.adopted"]
    assert "runs a provisioner" in found["terraform_data.runs"]
    assert "1 to import" in _guard(plan)[1]


def test_new_stack_passes_except_for_additional_resources(plan_of: PlanOf) -> None:
    other = 'resource "aws_iam_access_key" "other" {\n  user = "somebody"\n}\n\n'
    start = 'module "submitter_bucket" {'
    variables = {
        "name": "new",
        "customer_managed_key": True,
        "tracing_mode": "Active",
        "alarm_topic_arn": TOPIC,
        "uploader_arns": ["arn:aws:iam::000000000000:role/front-end"],
    }
    plan = plan_of(Edit("main.tf", start, other + start), variables=variables, is_new=True)

    assert load_plan(plan).accounts == {"000000000000"}
    assert _found(plan).keys() == {"aws_iam_access_key.other"}
