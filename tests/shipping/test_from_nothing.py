"""From an empty account to a running stack: by the README's words, and by the workflows' roles."""

import base64
import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from embedded_aws.project import ROOT
from embedded_aws.terraform_program import program_name
from embedded_aws.waiting import wait_for
from shipping.conftest import ACCOUNT, REGION, Checkout, setting
from submitter.applied import choose_stack

# One worker ships, and asks what may be done with what was shipped.
pytestmark = pytest.mark.xdist_group("shipping")

REPOSITORY = setting("bootstrap/terraform.tfvars", "repository")
DEV = setting("environments/dev.tfvars", "name")
PROD = setting("environments/prod.tfvars", "name")
STATE_BUCKET = f"{ACCOUNT}-submitter-state-{REGION}"
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
KEY = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}.json"
PLAN_SUBJECT = f"repo:{REPOSITORY}:pull_request"
DEPLOY_SUBJECT = f"repo:{REPOSITORY}:environment:prod"


def _commands(heading: str) -> str:
    """Return the commands that the README gives below a heading, as they are."""
    section = (ROOT / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    commands = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    # OpenTofu's users have another word for it.
    return re.sub(r"\bterraform (?=init|apply|output)", f"{shlex.quote(program_name())} ", commands)


@pytest.fixture(scope="session")
def shipped(checkout: Checkout) -> Checkout:
    """The checkout, after all that the README says."""
    commands = _commands("On AWS")
    assert "terraform/bootstrap" in commands
    assert "make apply ENVIRONMENT=dev" in commands
    code, output = checkout.run(commands)
    assert code == 0, output
    return checkout


def _assume(checkout: Checkout, role: str, subject: str) -> dict[str, str]:
    """Take a role as a workflow does, by a token that says what the workflow is."""

    def part(content: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "sts.amazonaws.com",
        "sub": subject,
    }
    answer = checkout.client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/bootstrap/{role}-{REGION}",
        RoleSessionName="workflow",
        WebIdentityToken=f"{part({'alg': 'RS256'})}.{part(claims)}.signature",
    )
    given = answer["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


# In place of GitHub's command: it tells what it would tell, with the file's text for its name.
_GH = """#!/bin/sh
case "$1 $2" in
"api user") exit 1 ;;
"api --paginate" | "issue list") exit ;;
esac
for last; do :; done
printf '%s ' "$@" | sed "s|$last.*||" > told
cat "$last" >> told
"""


def _told_github(checkout: Checkout, command: str, **variables: str) -> str:
    """Run a command that tells GitHub something, with nobody but a stand-in to hear it."""
    gh = checkout.folder / "build" / "stand-in" / "gh"
    gh.parent.mkdir(exist_ok=True)
    gh.write_text(_GH)
    gh.chmod(0o755)
    path = f"{gh.parent}{os.pathsep}{checkout.settings['PATH']}"
    code, output = checkout.run(command, PATH=path, **variables)
    assert code == 0, output
    return (checkout.folder / "told").read_text()


def _announces(checkout: Checkout, stack: str) -> bool:
    """Tell whether a submission of the stack's bucket becomes a message of its queue."""
    s3, sqs = checkout.client("s3"), checkout.client("sqs")
    s3.put_object(Bucket=f"{stack}-{ACCOUNT}-{REGION}", Key=KEY, Body=b"{}")
    url = sqs.get_queue_url(QueueName=f"{stack}-submissions")["QueueUrl"]

    def message() -> str | None:
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
        return received[0]["Body"] if received else None

    body = wait_for("the message", message, 60)
    return bool(json.loads(body) == {"subdata": f"{SUBID}.json"})


def test_readme_leads_from_an_empty_account_to_a_stack_that_works(shipped: Checkout) -> None:
    assert _announces(shipped, DEV)
    assert choose_stack(DEV, None, shipped.folder).region == REGION
    states = shipped.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    # Nothing is locked any more.
    assert [state["Key"] for state in states] == ["bootstrap.tfstate", f"{DEV}.tfstate"]


def test_workflows_plan_and_deploy_with_their_roles_alone(shipped: Checkout) -> None:
    planner = _assume(shipped, f"{PROD}-plan", PLAN_SUBJECT)
    code, output = shipped.run(
        "make plan", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **planner
    )
    assert code == 0, output
    assert "### Plan for `prod`: passes" in output
    told = _told_github(shipped, "make comment", ENVIRONMENT="prod", PULL_REQUEST="7")
    assert told.startswith("pr comment 7 --body-file <!-- submitter plan: prod -->")

    deployer = _assume(shipped, f"{PROD}-deploy", DEPLOY_SUBJECT)
    code, output = shipped.run(
        "make apply", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **deployer
    )
    assert code == 0, output
    assert _announces(shipped, PROD)

    # A plan is applied once.
    code, output = shipped.run(
        "make apply", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **deployer
    )
    assert code != 0
    assert "make plan ENVIRONMENT=prod" in output

    code, output = shipped.run(
        "make drift", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **planner
    )
    # The emulator tells of alarms otherwise than they were set: drift of theirs alone.
    rows = [line for line in output.splitlines() if line.startswith("| update | ")]
    assert code != 0
    assert rows
    assert all(".aws_cloudwatch_metric_alarm." in row for row in rows)
    told = _told_github(shipped, "make drift-issue", ENVIRONMENT="prod")
    assert told.startswith("issue create --title Drift: prod is not what its configuration says")
    assert rows[0] in told


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        (f"{PROD}-deploy", PLAN_SUBJECT),
        (f"{PROD}-deploy", f"repo:{REPOSITORY}:environment:dev"),
        (f"{PROD}-deploy", f"repo:{REPOSITORY}:ref:refs/heads/main"),
        (f"{PROD}-deploy", "repo:SOMEBODY/submitter:environment:prod"),
        (f"{PROD}-plan", "repo:SOMEBODY/submitter:pull_request"),
        (f"{PROD}-plan", f"repo:{REPOSITORY}:ref:refs/heads/other"),
    ],
)
def test_no_other_workflow_takes_a_role(shipped: Checkout, role: str, subject: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        _assume(shipped, role, subject)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that a role must not be allowed."""

    role: str
    service: str
    call: str
    arguments: Mapping[str, str]

    @property
    def subject(self) -> str:
        return PLAN_SUBJECT if self.role.endswith("-plan") else DEPLOY_SUBJECT

    def __str__(self) -> str:
        return f"{self.role} {self.service}:{self.call} {sorted(self.arguments.values())}"


PLAN, DEPLOY = f"{DEV}-plan", f"{PROD}-deploy"
DEV_QUEUE = {"QueueUrl": f"{DEV}-submissions"}
DEV_STATE = {"Bucket": STATE_BUCKET, "Key": f"{DEV}.tfstate"}
DEV_SUBMISSION = {"Bucket": f"{DEV}-{ACCOUNT}-{REGION}", "Key": KEY}
PROD_SUBMISSION = {"Bucket": f"{PROD}-{ACCOUNT}-{REGION}", "Key": KEY}
OWN_ROLE = {"RoleName": f"{DEPLOY}-{REGION}"}
NEW_ROLE = {"RoleName": f"{PROD}-intake-{REGION}", "AssumeRolePolicyDocument": "{}"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:policy/{PROD}-operator-{REGION}"

ATTEMPTS = [
    # The plan role writes nothing, also of its own stack, and reads no submission and no message.
    Attempt(PLAN, "s3", "put_object", DEV_STATE),
    Attempt(PLAN, "s3", "get_object", DEV_SUBMISSION),
    Attempt(PLAN, "sqs", "delete_queue", DEV_QUEUE),
    Attempt(PLAN, "sqs", "receive_message", DEV_QUEUE),
    Attempt(PLAN, "s3", "get_object", DEV_STATE | {"Key": "bootstrap.tfstate"}),
    # The deploy role leaves another stack alone, and what the bootstrap made,
    Attempt(DEPLOY, "sqs", "delete_queue", DEV_QUEUE),
    Attempt(DEPLOY, "s3", "get_object", DEV_STATE),
    Attempt(DEPLOY, "s3", "put_object", DEV_STATE),
    Attempt(DEPLOY, "s3", "delete_bucket", {"Bucket": STATE_BUCKET}),
    Attempt(
        DEPLOY, "iam", "put_role_policy", OWN_ROLE | {"PolicyName": "more", "PolicyDocument": "{}"}
    ),
    Attempt(DEPLOY, "iam", "attach_role_policy", OWN_ROLE | {"PolicyArn": OPERATOR}),
    # deletes no submission, and makes no role that could do more than the boundary allows.
    Attempt(DEPLOY, "s3", "delete_object", PROD_SUBMISSION),
    Attempt(DEPLOY, "iam", "create_role", NEW_ROLE),
    Attempt(DEPLOY, "iam", "create_role", NEW_ROLE | {"PermissionsBoundary": ADMINISTRATOR}),
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_roles_can_do_nothing_else(shipped: Checkout, attempt: Attempt) -> None:
    arguments = dict(attempt.arguments)
    if "QueueUrl" in arguments:
        found = shipped.client("sqs").get_queue_url(QueueName=arguments["QueueUrl"])
        arguments["QueueUrl"] = found["QueueUrl"]
    client = shipped.client(attempt.service, _assume(shipped, attempt.role, attempt.subject))
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, attempt.call)(**arguments)
