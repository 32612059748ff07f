"""Runs MiniStack, corrected where it differs from AWS: the program of `.venv-ministack`.

`python -m emulation.ministack_server` replaces `python -m ministack`. It corrects which action,
resource and principal a request has; MiniStack itself decides whether that is allowed. The
corrections follow AWS's Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

# MiniStack has no types and no public API for this, and long signatures.
# ruff: noqa: ANN401, SLF001, PLR0913, PLR0917

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import cognito, iam, lambda_svc, sqs, sts

_resolve_condition_key = iam_evaluator._resolve_condition_key
_enforce_queue_policy = sqs._enforce_queue_policy
_extract_iam_action = iam_actions.extract_iam_action
_extract_resource_arn = iam_actions.extract_resource_arn
_request_tag_context = iam_actions.request_tag_context
_web_identity_principal = sts._web_identity_principal

_FUNCTION_READS = {
    "concurrency": "lambda:GetFunctionConcurrency",
    "event-invoke-config": "lambda:GetFunctionEventInvokeConfig",
}
_MAPPING_ACTIONS = {
    "DELETE": "lambda:DeleteEventSourceMapping",
    "GET": "lambda:GetEventSourceMapping",
    "PUT": "lambda:UpdateEventSourceMapping",
}
_ALARM_ARN = re.compile(rb"arn:aws:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:[A-Za-z0-9_-]+")


def _condition_key(key: str, context: Any) -> Any:
    """Return aws:PrincipalArn, iam:PermissionsBoundary and a mapping's keys as AWS does.

    The first is the role of a session; the second is the boundary of the role to change. An event
    source mapping has the ARN of its function, and its tags.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    value = _resolve_condition_key(key, context)
    if value is None and ":event-source-mapping:" in context.resource_arn:
        kind, _, tag = key.partition("/")
        mapping = _mapping(context.resource_arn)
        if kind.lower() == "aws:resourcetag":
            return mapping.get("Tags", {}).get(tag)
        return mapping.get("FunctionArn") if kind.lower() == "lambda:functionarn" else None
    if key.lower() == "iam:permissionsboundary" and value is None:
        if context.action == "iam:CreateRole":
            return None
        return _role(context.principal_account, context.resource_arn).get("PermissionsBoundary")
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in context.principal_arn:
        return value
    return _role(context.principal_account, context.principal_arn, 1).get("Arn", value)


def _role(account: str, arn: str, part: int = -1) -> Any:
    """Return MiniStack's record of the role that a part of an ARN names; an empty one for none."""
    return iam._roles.get_scoped(account, None, arn.split("/")[part]) or {}


def _mapping(arn: str) -> Any:
    """Return MiniStack's record of an event source mapping; an empty one for none."""
    _, _, _, region, account, _, uuid = arn.split(":")
    return lambda_svc._esms.get_scoped(account, region, uuid) or {}


def _request_context(service: str, iam_action: str, body: bytes, parameters: Any) -> Any:
    """Add a policy to attach and a boundary to set (IAM), and a mapping's function (Lambda)."""
    context = _request_tag_context(service, iam_action, body, parameters)
    if iam_action == "lambda:CreateEventSourceMapping":
        name = _field(body, "FunctionName").rpartition(":")[2]
        context = {**context, "lambda:functionarn": lambda_svc._func_arn(name)}
    if service == "iam":
        given = parse_qs(body.decode("utf-8", "replace"))
        for field, key in (
            ("PermissionsBoundary", "iam:permissionsboundary"),
            ("PolicyArn", "iam:policyarn"),
        ):
            if field in given:
                context = {**context, key: given[field][0]}
    return context


def _web_identity(token: str, provider: str, role_arn: str) -> Any:
    """Add the branch and the repository's number of a GitHub token, for a role's trust.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    principal, keys = _web_identity_principal(token, provider, role_arn)
    claims = cognito._decode_id_token_unverified(token)
    host = principal.partition(":oidc-provider/")[2]
    further = {
        f"{host}:{name}": claims[name] for name in ("ref", "repository_id") if name in claims
    }
    return principal, keys | further


def _queue_policy(queue: Any, iam_action: str) -> None:
    """Let the root user replace any queue's policy, as AWS does.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
    """
    if iam_action == "sqs:SetQueueAttributes" and iam_evaluator.caller_arn().endswith(":root"):
        return
    _enforce_queue_policy(queue, iam_action)


def _iam_action(
    service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any
) -> str | None:
    """Return the action of a request, by the name that policies use."""
    if service == "lambda":
        place, _, name = path.rstrip("/").rpartition("/")
        action = _FUNCTION_READS.get(name) if method == "GET" else None
        if place.endswith("/event-source-mappings"):
            action = _MAPPING_ACTIONS.get(method)
        if action is not None:
            return action
    if service == "s3" and method == "POST" and "delete" in parameters:
        targets = iam_actions._s3_batch_delete_targets(path.strip("/"), body)
        if targets and targets[0][1]:
            return "s3:DeleteObjectVersion"
    found: str | None = _extract_iam_action(service, method, path, headers, body, parameters)
    # SQS checks the single call's right for a batch.
    return found.removesuffix("Batch") if service == "sqs" and found else found


def _resource_arn(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    parameters: Any,
    region: str,
    account_id: str,
) -> str:
    """Return the resource of a request whose name is only in its body; MiniStack returns "*"."""
    arn: str = _extract_resource_arn(
        service, method, path, headers, body, parameters, region, account_id
    )
    if service == "logs" and (arn == "*" or ":log-group:" in arn):
        stream = _field(body, "logStreamName")
        group = arn if arn != "*" else f"arn:aws:logs:{region}:{account_id}:log-group:"
        return f"{group}:log-stream:{stream}"
    if service == "sqs" and arn == "*":
        return _field(body, "SourceArn") or arn
    if service == "lambda" and method == "POST" and path.rstrip("/").endswith("/functions"):
        return f"arn:aws:lambda:{region}:{account_id}:function:{_field(body, 'FunctionName')}"
    if service == "iam" and iam_actions._query_param(parameters, "Action") == "CreatePolicy":
        name = iam_actions._query_param(parameters, "PolicyName")
        at = iam_actions._query_param(parameters, "Path") or "/"
        return f"arn:aws:iam::{account_id}:policy{at}{name}"
    if service == "monitoring" and arn == "*":
        return _monitored(parameters, body, account_id)
    return arn


def _monitored(parameters: Any, body: bytes, account_id: str) -> str:
    """Return the ARN of a request's dashboard, or of the alarm whose tags it reads."""
    dashboard = iam_actions._query_param(parameters, "DashboardName")
    if dashboard:
        return f"arn:aws:cloudwatch::{account_id}:dashboard/{dashboard}"
    named = _ALARM_ARN.search(unquote_to_bytes(body))
    return named[0].decode() if named else "*"


def _field(body: bytes, name: str) -> str:
    try:
        return str(json.loads(body or b"{}").get(name, ""))
    except ValueError:
        return ""


def main() -> None:
    """Run MiniStack until a signal stops it."""
    iam_evaluator._resolve_condition_key = _condition_key
    sqs._enforce_queue_policy = _queue_policy
    sts._web_identity_principal = _web_identity
    iam_actions.extract_iam_action = _iam_action
    iam_actions.extract_resource_arn = _resource_arn
    iam_actions.request_tag_context = _request_context
    # With TLS it would also listen on port 443, where two processes collide.
    app._port_is_bindable = lambda *_address: False
    app.main()


if __name__ == "__main__":
    main()
