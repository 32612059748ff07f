"""The plan guard on plans that Terraform really made, of changes people really make."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded_aws.project import SCRIPTS
from embedded_aws.stack import Stack
from package_function import SOURCE, write_package
from plan_guard.findings import Rule
from plan_guard.plan import load_plan
from plan_guard.rules import findings

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")

QUEUE = "module.submitter_queue.module.queue.aws_sqs_queue.this"
BUCKET = "module.submitter_bucket.aws_s3_bucket"
FUNCTION = "module.intake_function.aws_lambda_function.this"
NOTIFICATION = "module.intake_notification.aws_s3_bucket_notification.this"


@dataclass(frozen=True, slots=True)
class Edit:
    """A line of the configuration, and what stands in its place then."""

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
    """Plans a change of the shared stack, and applies nothing."""

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


def _found(plan: Path) -> set[tuple[Rule, str]]:
    return {(finding.rule, finding.address) for finding in findings(load_plan(plan))}


def test_what_people_do_every_day_passes(plan_of: PlanOf, tmp_path: Path) -> None:
    edited = tmp_path / SOURCE.name
    shutil.copytree(SOURCE, edited)
    (edited / "handler.py").write_text((edited / "handler.py").read_text() + "\n# edited\n")
    write_package(edited, tmp_path / "edited.zip")

    plan = plan_of(
        variables={
            "package_path": str(tmp_path / "edited.zip"),
            "function_memory_mb": 1024,
            "queue_retention_days": 8,
            "log_retention_days": 365,
        }
    )

    code, summary = _guard(plan, "--title", "prod")
    assert code == 0, summary
    assert "### Plan for `prod`: passes" in summary
    # The two policies beside: they name what changes, and so are rendered again during the apply.
    assert "0 to add, 5 to change, 0 to replace, 0 to delete." in summary
    assert "other code runs for every upload from then on" in summary
    assert "`memory_size`: `512` → `1024`" in summary
    assert "`retention_in_days`: `180` → `365`" in summary


def test_a_plan_of_nothing_finds_no_drift(plan_of: PlanOf) -> None:
    code, summary = _guard(plan_of(), "--expect-no-changes")
    assert code == 0, summary
    assert "no changes" in summary


def test_renaming_the_queue_is_stopped_unless_it_is_allowed_by_name(
    plan_of: PlanOf, tmp_path: Path
) -> None:
    plan = plan_of(Edit("main.tf", '"${local.name}-submissions"', '"${local.name}-other"'))

    code, summary = _guard(plan)
    assert code == 1
    assert f"`data_loss` at `{QUEUE}`" in summary
    assert "because name changes" in summary

    entries = {
        found: f'[[allow]]\nrule = "{found[0]}"\naddress = \'{found[1]}\'\nreason = "empty"\n'
        "expires = 9999-01-01\n"
        for found in _found(plan)
    }
    allowed = tmp_path / "allowed.toml"
    allowed.write_text("".join(entries.values()))
    code, summary = _guard(plan, "--allow", allowed)
    assert code == 0, summary

    del entries[Rule.DATA_LOSS, QUEUE]
    allowed.write_text("".join(entries.values()))
    code, summary = _guard(plan, "--allow", allowed)
    assert code == 1
    assert "Stopped by 1 finding" in summary


def test_dropped_encryption_and_shortened_retention_are_stopped(plan_of: PlanOf) -> None:
    bucket = "modules/submitter_bucket/bucket.tf"
    start = 'resource "aws_s3_bucket_server_side_encryption_configuration" "this" {'
    plan = plan_of(
        Edit(bucket, start, f"{start}\n  count = 0"),
        Edit("modules/queue/queue.tf", "var.kms_key_arn == null ? true : null", "false"),
        variables={
            "queue_retention_days": 6,
            "log_retention_days": 30,
            "noncurrent_version_retention_days": 30,
        },
    )

    found = _found(plan)
    assert (Rule.PROTECTION_REMOVED, QUEUE) in found
    assert (Rule.RETENTION_SHORTENED, QUEUE) in found
    # With a count that is 0, the one there was has a number.
    encryption = f"{BUCKET}_server_side_encryption_configuration.this[0]"
    assert {address for rule, address in found if rule is Rule.PROTECTION_REMOVED} == {
        encryption,
        QUEUE,
        "module.submitter_queue.module.dead_letter_queue.aws_sqs_queue.this",
        "module.intake_function.module.failures_queue.aws_sqs_queue.this",
    }
    assert {address for rule, address in found if rule is Rule.RETENTION_SHORTENED} == {
        QUEUE,
        "module.intake_function.aws_cloudwatch_log_group.this",
        f"{BUCKET}_lifecycle_configuration.this",
    }
    code, summary = _guard(plan)
    assert code == 1
    assert "`message_retention_seconds`: `604800` → `518400`" in summary


def test_a_flow_that_is_quietly_broken_is_stopped(plan_of: PlanOf) -> None:
    """All resources are still there, and each is changed in place."""
    destination = """
  destination_config {
    on_failure {
      destination = module.failures_queue.arn
    }
  }
"""
    plan = plan_of(
        Edit(
            "modules/intake_notification/notification.tf",
            'filter_suffix       = ".json"',
            'filter_suffix       = ".jsn"',
        ),
        Edit("modules/intake_function/failures.tf", destination, ""),
        Edit(
            "modules/submitter_queue/redrive.tf",
            "deadLetterTargetArn = module.dead_letter_queue.arn",
            "deadLetterTargetArn = module.queue.arn",
        ),
        variables={"reserved_concurrency": 0},
    )

    broken = {
        NOTIFICATION,
        FUNCTION,
        "module.intake_function.aws_lambda_function_event_invoke_config.this",
        "module.submitter_queue.aws_sqs_queue_redrive_policy.queue",
    }
    assert _found(plan) == {(Rule.PROTECTION_REMOVED, address) for address in broken}
    code, summary = _guard(plan)
    assert code == 1
    assert "0 to add, 4 to change, 0 to replace, 0 to delete." in summary


def test_rights_that_widen_unsaid_are_stopped(plan_of: PlanOf) -> None:
    further = """
resource "aws_iam_role_policy_attachment" "further" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role_policy" "further" {
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.permissions.json
}

resource "aws_iam_role_policy" "wider" {
  role   = aws_iam_role.this.name
  policy = replace(data.aws_iam_policy_document.permissions.json, "SendMessage", "DeleteQueue")
}
"""
    role = 'resource "aws_iam_role" "this" {'
    plan = plan_of(
        Edit("modules/intake_function/role.tf", role, f"{further}\n{role}"),
        # One of the stack's own policies, which is no widening.
        variables={"uploader_arns": ["arn:aws:iam::000000000000:role/front-end"]},
    )

    module = "module.intake_function"
    assert _found(plan) == {
        (Rule.POLICY_WIDENED, f"{module}.aws_iam_role_policy_attachment.further"),
        (Rule.POLICY_WIDENED, f"{module}.aws_iam_role_policy.wider"),
    }


def test_opened_access_is_stopped(plan_of: PlanOf) -> None:
    second = """
resource "aws_s3_bucket_notification" "second" {
  bucket      = var.bucket_name
  eventbridge = true
}
"""
    first = 'resource "aws_s3_bucket_notification" "this" {'
    plan = plan_of(
        Edit(
            "modules/intake_function/role.tf",
            'actions   = ["sqs:SendMessage"]',
            'actions   = ["sqs:*"]',
        ),
        Edit(
            "modules/submitter_bucket/access.tf",
            "block_public_policy     = true",
            "block_public_policy     = false",
        ),
        Edit("modules/intake_notification/notification.tf", first, f"{second}\n{first}"),
        variables={"repairing_operator_arns": ["arn:aws:iam::000000000000:role/repairer"]},
    )

    role_policy = "module.intake_function.aws_iam_role_policy.this"
    assert _found(plan) == {
        (Rule.WILDCARD, role_policy),
        (Rule.POLICY_WIDENED, role_policy),
        (Rule.PUBLIC_ACCESS, f"{BUCKET}_public_access_block.this"),
        (Rule.NOTIFICATION_OWNED_TWICE, NOTIFICATION),
        (Rule.NOTIFICATION_OWNED_TWICE, NOTIFICATION.replace("this", "second")),
        # One more may send to the queue, and delete versions.
        (Rule.POLICY_WIDENED, "module.submitter_queue.module.queue.aws_sqs_queue_policy.this"),
        (Rule.POLICY_WIDENED, f"{BUCKET}_policy.this"),
    }
    code, summary = _guard(plan)
    assert code == 1
    assert "sqs:*: name the actions" in summary.replace("\\*", "*")


def test_a_stack_that_is_new_passes_with_all_that_it_can_have(plan_of: PlanOf) -> None:
    variables = {"customer_managed_key": True, "tracing_mode": "Active", "name": "new"}
    plan = plan_of(variables=variables, is_new=True)

    code, summary = _guard(plan)
    assert code == 0, summary
    assert "0 to change, 0 to replace, 0 to delete." in summary
    assert load_plan(plan).accounts == {"000000000000"}
    # What could be wrong with it was looked at, though most is known only after the apply.
    documents = [change for change in load_plan(plan).changes if change.action == "read"]
    assert any(document.after.get("statement") for document in documents)
    assert "aws_kms_key" in summary
