"""The stack's policies as Terraform has rendered them, read from its state."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Statement = dict[str, Any]
type Policy = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Documents:
    """Every policy of a stack, by name."""

    policies: Mapping[str, Policy]
    arns: Mapping[str, str]
    """Those of the managed ones."""
    role_arns: Mapping[str, str]
    """Of the functions' roles, by the names of their trust policies."""
    kms_key_arn: str | None


_SUBMITTER_QUEUE = "module.submitter_queue.aws_sqs_queue_policy.this"
_FAILURES_QUEUE = "module.intake_failures.aws_sqs_queue_policy.this"
_MANAGED = "module.access_policies.aws_iam_policy.this"
_NAMES = {
    "module.intake_function.aws_iam_role_policy.this": "function",
    "module.grader_function[0].aws_iam_role_policy.this": "grader",
    "module.grader_mapping[0].aws_iam_role_policy.this": "grader_submissions",
    "module.submitter_bucket.aws_s3_bucket_policy.this": "bucket",
    f'{_SUBMITTER_QUEUE}["queue"]': "queue",
    f'{_SUBMITTER_QUEUE}["dead_letter"]': "dead_letter_queue",
    f'{_FAILURES_QUEUE}["queue"]': "intake_failures_queue",
    "module.encryption_key[0].aws_kms_key.this": "key",
}
_POLICY_ATTRIBUTES = ("policy", "assume_role_policy")
_TRUSTS = {
    "module.intake_function.aws_iam_role.this": "trust",
    "module.grader_function[0].aws_iam_role.this": "grader_trust",
}
_PERMISSION = "module.intake_notification.aws_lambda_permission.this"


def read_documents(state: Mapping[str, Any]) -> Documents:
    """Read every policy from a stack's state.

    Args:
        state: the state file's content.

    Raises:
        AssertionError: the state has a policy that this does not know, and so nobody tests.
    """
    policies: dict[str, Policy] = {}
    arns: dict[str, str] = {}
    role_arns: dict[str, str] = {}
    key_arn = None
    for resource in state["resources"]:
        if resource["mode"] != "managed":
            continue
        address = ".".join(
            filter(None, (resource.get("module"), resource["type"], resource["name"]))
        )
        for instance in resource["instances"]:
            attributes, key = instance["attributes"], instance.get("index_key")
            name = _NAMES.get(f'{address}["{key}"]', _NAMES.get(address))
            if address == _MANAGED:
                policies[key] = _statements(attributes["policy"])
                arns[key] = attributes["arn"]
            elif name is not None:
                policies[name] = _statements(attributes["policy"])
                key_arn = attributes["arn"] if name == "key" else key_arn
            elif address in _TRUSTS:
                policies[_TRUSTS[address]] = _statements(attributes["assume_role_policy"])
                role_arns[_TRUSTS[address]] = attributes["arn"]
            elif address == _PERMISSION:
                policies["permission"] = (_permission(attributes),)
            else:
                unknown = [name for name in _POLICY_ATTRIBUTES if attributes.get(name)]
                assert not unknown, f"{address} has a policy that no test knows"
    return Documents(policies, arns, role_arns, key_arn)


def _permission(attributes: Mapping[str, Any]) -> Statement:
    """Return the statement that Lambda makes from a permission."""
    return {
        "Sid": attributes["statement_id"],
        "Effect": "Allow",
        "Principal": {"Service": attributes["principal"]},
        "Action": attributes["action"],
        "Resource": attributes["function_name"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": attributes["source_account"]},
            "ArnLike": {"aws:SourceArn": attributes["source_arn"]},
        },
    }


def _statements(policy: str) -> Policy:
    return tuple(json.loads(policy)["Statement"])
