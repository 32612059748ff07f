"""From an empty account to a running stack: by docs/operating.md, and by the workflows' roles."""

import base64
import json
import os
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulation import example_course
from emulation.project import ROOT
from emulation.terraform_program import program_name
from emulation.waiting import wait_for
from shipping.conftest import ACCOUNT, REGION, Checkout, setting
from submitter.stack.applied import choose_stack

# One worker ships, and asks what may be done with what was shipped.
pytestmark = pytest.mark.xdist_group("shipping")

REPOSITORY = setting("bootstrap/terraform.tfvars", "repository")
REPOSITORY_ID = REPOSITORY.rpartition("@")[2]
DEV = setting("environments/dev.tfvars", "name")
PROD = setting("environments/prod.tfvars", "name")
STATE_BUCKET = f"{ACCOUNT}-submitter-state-{REGION}"
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
KEY = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}.json"
PLAN_SUBJECT = f"repo:{REPOSITORY}:pull_request"
DEPLOY_SUBJECT = f"repo:{REPOSITORY}:environment:prod"


def _commands() -> str:
    """Return the commands that docs/operating.md gives for an empty account, as they are."""
    section = (ROOT / "docs/operating.md").read_text().partition("\n## From an empty account ")[2]
    section = section.partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    commands = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    # OpenTofu's command is `tofu`.
    return re.sub(r"\bterraform (?=init|apply|output)", f"{shlex.quote(program_name())} ", commands)


@pytest.fixture(scope="session")
def shipped(checkout: Checkout) -> Checkout:
    """The checkout, after all that docs/operating.md says."""
    commands = _commands()
    assert "terraform/bootstrap" in commands
    assert "make apply ENVIRONMENT=dev" in commands
    code, output = checkout.run(commands)
    assert code == 0, output
    return checkout


def _assume(checkout: Checkout, role: str, subject: str, **others: str) -> dict[str, str]:
    """Take a role as a workflow does, by a token that says what the workflow is."""

    def part(content: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "sts.amazonaws.com",
        "sub": subject,
        "ref": "refs/heads/main",
        "repository_id": REPOSITORY_ID,
        **others,
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


# A stand-in for GitHub's command: writes its arguments, with the file's text for its name.
_GH = """#!/bin/sh
case "$1 $2" in
"api user") exit 1 ;;
"api --paginate" | "issue list") exit ;;
esac
for last; do :; done
printf '%s ' "$@" | sed "s|$last.*||" > told
cat "$last" >> told
"""


def _published(checkout: Checkout, command: str, **variables: str) -> str:
    """Run a command that calls GitHub's, and return what the stand-in was told."""
    gh = checkout.folder / "build" / "stand-in" / "gh"
    gh.parent.mkdir(exist_ok=True)
    gh.write_text(_GH)
    gh.chmod(0o755)
    path = f"{gh.parent}{os.pathsep}{checkout.settings['PATH']}"
    code, output = checkout.run(command, PATH=path, **variables)
    assert code == 0, output
    return (checkout.folder / "told").read_text()


def _announces(checkout: Checkout, stack: str) -> bool:
    """Return whether a submission in the stack's bucket becomes a message on its queue."""
    s3, sqs = checkout.client("s3"), checkout.client("sqs")
    s3.put_object(Bucket=f"{stack}-{ACCOUNT}-{REGION}", Key=KEY, Body=b"{}")
    url = sqs.get_queue_url(QueueName=f"{stack}-submissions")["QueueUrl"]

    def message() -> str | None:
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
        return received[0]["Body"] if received else None

    body = wait_for("the message", message, 60)
    return bool(json.loads(body) == {"subdata": f"{SUBID}.json"})


def _grades(checkout: Checkout, stack: str) -> bool:
    """Return whether a submission in the stack's bucket gets a result."""
    s3, bucket = checkout.client("s3"), f"{stack}-{ACCOUNT}-{REGION}"
    files = example_course.published_files() | example_course.submitted_files()
    for key, content in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=content)

    def result() -> dict[str, Any] | None:
        with suppress(s3.exceptions.NoSuchKey):
            answer = s3.get_object(Bucket=bucket, Key=example_course.example_key().result_key)
            found: dict[str, Any] = json.loads(answer["Body"].read())
            return found
        return None

    return bool(wait_for("the result", result, 60)["score"] == 75)


def test_documented_commands_deploy_a_working_stack(shipped: Checkout) -> None:
    assert _announces(shipped, DEV)
    assert choose_stack(DEV, None, shipped.folder).region == REGION
    states = shipped.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    # No lock is left.
    assert [state["Key"] for state in states] == ["bootstrap.tfstate", f"{DEV}.tfstate"]


def test_workflows_plan_and_deploy_with_only_their_roles(shipped: Checkout) -> None:
    planner = _assume(shipped, f"{PROD}-plan", PLAN_SUBJECT)
    code, output = shipped.run(
        "make plan", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **planner
    )
    assert code == 0, output
    assert "### Plan for `prod`: passes" in output
    told = _published(shipped, "make comment", ENVIRONMENT="prod", PULL_REQUEST="7")
    assert told.startswith("pr comment 7 --body-file <!-- submitter plan: prod -->")

    deployer = _assume(shipped, f"{PROD}-deploy", DEPLOY_SUBJECT)
    code, output = shipped.run(
        "make apply", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **deployer
    )
    assert code == 0, output
    assert _grades(shipped, PROD)

    # A plan is applied once.
    code, output = shipped.run(
        "make apply", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **deployer
    )
    assert code != 0
    assert "make plan ENVIRONMENT=prod" in output

    code, output = shipped.run(
        "make drift", ENVIRONMENT="prod", STATE_BUCKET=STATE_BUCKET, **planner
    )
    # The emulator returns other settings of alarms than were made, so only they drift.
    rows = [line for line in output.splitlines() if line.startswith("| update | ")]
    assert code != 0
    assert rows
    assert all(".aws_cloudwatch_metric_alarm." in row for row in rows)
    told = _published(shipped, "make drift-issue", ENVIRONMENT="prod")
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
def test_other_workflow_cannot_assume_a_role(shipped: Checkout, role: str, subject: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        _assume(shipped, role, subject)


@pytest.mark.parametrize(
    "claims",
    [
        {"ref": "refs/heads/other"},
        {"ref": "refs/tags/main"},
        {"ref": "refs/pull/1/merge"},
        {"repository_id": "1"},
    ],
    ids=str,
)
def test_deploy_role_is_only_for_the_branch_of_the_repository(
    shipped: Checkout, claims: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        _assume(shipped, DEPLOY, DEPLOY_SUBJECT, **claims)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that a role must not be allowed."""

    role: str
    service: str
    call: str
    arguments: Mapping[str, object]

    @property
    def subject(self) -> str:
        return PLAN_SUBJECT if self.role.endswith("-plan") else DEPLOY_SUBJECT

    def __str__(self) -> str:
        return f"{self.role} {self.service}:{self.call} {sorted(map(str, self.arguments.values()))}"


PLAN, DEPLOY = f"{DEV}-plan", f"{PROD}-deploy"
PAYMENT = {"RequestPaymentConfiguration": {"Payer": "Requester"}}
DEV_QUEUE = {"QueueUrl": f"{DEV}-submissions"}
DEV_STATE = {"Bucket": STATE_BUCKET, "Key": f"{DEV}.tfstate"}
DEV_SUBMISSION = {"Bucket": f"{DEV}-{ACCOUNT}-{REGION}", "Key": KEY}
PROD_SUBMISSION = {"Bucket": f"{PROD}-{ACCOUNT}-{REGION}", "Key": KEY}
OWN_ROLE = {"RoleName": f"{DEPLOY}-{REGION}"}
NEW_ROLE = {"RoleName": f"{PROD}-intake-{REGION}", "AssumeRolePolicyDocument": "{}"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:policy/{PROD}-operator-{REGION}"
PROD_QUEUE = {"QueueUrl": f"{PROD}-submissions"}
INTAKE_ROLE = {"RoleName": f"{PROD}-intake-{REGION}"}
GRADERS_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/bootstrap/{PROD}-grader-boundary-{REGION}"
INTAKE_MAPPING = {
    "FunctionName": f"{PROD}-intake",
    "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PROD}-submissions",
}
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)

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
    # changes neither who may do what, nor what a role trusts,
    Attempt(
        DEPLOY,
        "iam",
        "create_policy_version",
        {"PolicyArn": OPERATOR, "PolicyDocument": EVERYTHING, "SetAsDefault": True},
    ),
    Attempt(
        DEPLOY, "iam", "set_default_policy_version", {"PolicyArn": OPERATOR, "VersionId": "v1"}
    ),
    Attempt(DEPLOY, "iam", "delete_policy", {"PolicyArn": OPERATOR}),
    Attempt(DEPLOY, "iam", "attach_role_policy", INTAKE_ROLE | {"PolicyArn": OPERATOR}),
    Attempt(
        DEPLOY,
        "iam",
        "attach_role_policy",
        {"RoleName": f"{DEV}-intake-{REGION}", "PolicyArn": OPERATOR},
    ),
    Attempt(
        DEPLOY, "iam", "update_assume_role_policy", INTAKE_ROLE | {"PolicyDocument": EVERYTHING}
    ),
    Attempt(DEPLOY, "iam", "delete_role", INTAKE_ROLE),
    Attempt(DEPLOY, "iam", "delete_role_permissions_boundary", INTAKE_ROLE),
    # touches no submission and no message, announces nothing, makes no role that could do more than
    # the boundary allows,
    Attempt(DEPLOY, "s3", "get_object", PROD_SUBMISSION),
    Attempt(DEPLOY, "s3", "put_object", PROD_SUBMISSION),
    Attempt(DEPLOY, "s3", "delete_object", PROD_SUBMISSION),
    Attempt(DEPLOY, "sqs", "receive_message", PROD_QUEUE),
    Attempt(DEPLOY, "sqs", "purge_queue", PROD_QUEUE),
    Attempt(DEPLOY, "sqs", "send_message", PROD_QUEUE | {"MessageBody": "{}"}),
    Attempt(DEPLOY, "lambda", "invoke", {"FunctionName": f"{PROD}-intake", "Payload": b"{}"}),
    Attempt(DEPLOY, "iam", "create_role", NEW_ROLE),
    Attempt(DEPLOY, "iam", "create_role", NEW_ROLE | {"PermissionsBoundary": ADMINISTRATOR}),
    Attempt(DEPLOY, "iam", "create_role", NEW_ROLE | {"PermissionsBoundary": GRADERS_BOUNDARY}),
    # hands messages to the grader alone,
    Attempt(DEPLOY, "lambda", "create_event_source_mapping", INTAKE_MAPPING),
    # and removes nothing that holds data or announces.
    Attempt(DEPLOY, "sqs", "delete_queue", PROD_QUEUE),
    Attempt(DEPLOY, "s3", "delete_bucket", {"Bucket": PROD_SUBMISSION["Bucket"]}),
    Attempt(DEPLOY, "lambda", "delete_function", {"FunctionName": f"{PROD}-intake"}),
    Attempt(DEPLOY, "logs", "delete_log_group", {"logGroupName": f"/aws/lambda/{PROD}-intake"}),
    Attempt(DEPLOY, "ssm", "delete_parameter", {"Name": f"/submitter/{PROD}/stack"}),
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_roles_can_do_nothing_else(shipped: Checkout, attempt: Attempt) -> None:
    arguments = dict(attempt.arguments)
    if "QueueUrl" in arguments:
        found = shipped.client("sqs").get_queue_url(QueueName=str(arguments["QueueUrl"]))
        arguments["QueueUrl"] = found["QueueUrl"]
    client = shipped.client(attempt.service, _assume(shipped, attempt.role, attempt.subject))
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, attempt.call)(**arguments)


def _credentials(given: Mapping[str, str]) -> dict[str, str]:
    """Return keys as the environment variables that hand them to a client."""
    names = {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }
    return {name: given[field] for name, field in names.items() if field in given}


def _user(checkout: Checkout, name: str, policy: str | None = None) -> dict[str, str]:
    """Make a user of the account, with a policy or without any right; return its keys."""
    iam = checkout.client("iam")
    iam.create_user(UserName=name)
    if policy is not None:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    return _credentials(iam.create_access_key(UserName=name)["AccessKey"])


def _allowing(resource: str, action: str, *principals: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": action,
        "Resource": [resource, f"{resource}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_deploy_role_reads_nothing_even_with_policies_it_writes(shipped: Checkout) -> None:
    function, bucket = f"{PROD}-intake", PROD_SUBMISSION["Bucket"]
    shipped.client("s3").put_object(**PROD_SUBMISSION, Body=b"{}")
    deployer = _assume(shipped, DEPLOY, DEPLOY_SUBJECT)
    intake_role = f"arn:aws:iam::{ACCOUNT}:role/{function}-{REGION}"
    session = shipped.client("sts").assume_role(RoleArn=intake_role, RoleSessionName=function)
    stranger = _user(shipped, "stranger")
    principals = (
        f"arn:aws:iam::{ACCOUNT}:role/bootstrap/{DEPLOY}-{REGION}",
        shipped.client("sts", deployer).get_caller_identity()["Arn"],
        session["AssumedRoleUser"]["Arn"],
        f"arn:aws:iam::{ACCOUNT}:user/stranger",
    )
    store, queues = shipped.client("s3", deployer), shipped.client("sqs", deployer)
    url = queues.get_queue_url(QueueName=f"{PROD}-submissions")["QueueUrl"]
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PROD}-submissions"
    before = store.get_bucket_policy(Bucket=bucket)["Policy"]

    store.put_bucket_policy(
        Bucket=bucket, Policy=_allowing(f"arn:aws:s3:::{bucket}", "s3:*", *principals)
    )
    queues.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": _allowing(queue_arn, "sqs:*", *principals)}
    )
    for principal in principals:
        shipped.client("lambda", deployer).add_permission(
            FunctionName=function,
            StatementId=f"s{principals.index(principal)}",
            Action="lambda:InvokeFunction",
            Principal=principal,
        )
    try:
        for credentials in (deployer, _credentials(session["Credentials"])):
            own, messages = shipped.client("s3", credentials), shipped.client("sqs", credentials)
            functions = shipped.client("lambda", credentials)
            for attempt in (
                partial(own.get_object, **PROD_SUBMISSION),
                partial(own.delete_object, **PROD_SUBMISSION),
                partial(messages.receive_message, QueueUrl=url),
                partial(functions.invoke, FunctionName=function),
            ):
                with pytest.raises(ClientError, match="AccessDenied"):
                    attempt()
        # What the deploy role gives itself by those policies it still may not do.
        for attempt in (
            partial(store.put_bucket_request_payment, Bucket=bucket, **PAYMENT),
            partial(store.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={}),
            partial(store.delete_bucket, Bucket=bucket),
            partial(
                queues.add_permission,
                QueueUrl=url,
                Label="others",
                AWSAccountIds=["111111111111"],
                Actions=["ReceiveMessage"],
            ),
            partial(queues.delete_queue, QueueUrl=url),
            partial(queues.purge_queue, QueueUrl=url),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                attempt()
        # What it can do, and what the plan guard and reviewers are for.
        assert shipped.client("s3", stranger).get_object(**PROD_SUBMISSION)["Body"].read() == b"{}"
    finally:
        store.put_bucket_policy(Bucket=bucket, Policy=before)


def test_only_deploy_roles_and_named_administrators_write_states(shipped: Checkout) -> None:
    state = {"Bucket": STATE_BUCKET, "Key": f"{PROD}.tfstate"}
    other = shipped.client("s3", _user(shipped, "unnamed-administrator", EVERYTHING))
    content = other.get_object(**state)

    old = {**state, "VersionId": content["VersionId"]}
    deployer = shipped.client("s3", _assume(shipped, DEPLOY, DEPLOY_SUBJECT))

    for attempt in (
        partial(other.put_object, **state, Body=b"{}"),
        partial(other.delete_object, **state),
        partial(other.delete_object, **old),
        partial(other.put_bucket_policy, Bucket=STATE_BUCKET, Policy=EVERYTHING),
        partial(other.delete_bucket_policy, Bucket=STATE_BUCKET),
        partial(
            other.put_bucket_versioning,
            Bucket=STATE_BUCKET,
            VersioningConfiguration={"Status": "Suspended"},
        ),
        partial(deployer.delete_object, **old),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()
