"""Who may do what: policies that say more, and whoever gets more without any of them saying so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plan_guard.plan import Action, Change, Plan
from plan_guard.plan_format import Attributes, any_true
from plan_guard.policy import Statement, parse_policy, widenings
from plan_guard.policy_document import DOCUMENT, document_statements

_POLICY_ATTRIBUTES = ("policy", "assume_role_policy")
_MAKES = {Action.CREATE, Action.UPDATE, Action.REPLACE}


@dataclass(frozen=True, slots=True)
class _Holder:
    """What a policy belongs to that is a resource of its own."""

    named_by: str
    """The policy's attribute that names it."""
    type: str
    name: str
    """Its own attribute with that name."""


_HOLDERS = {
    "aws_iam_role_policy": _Holder("role", "aws_iam_role", "name"),
    "aws_iam_user_policy": _Holder("user", "aws_iam_user", "name"),
    "aws_iam_group_policy": _Holder("group", "aws_iam_group", "name"),
    "aws_s3_bucket_policy": _Holder("bucket", "aws_s3_bucket", "bucket"),
    "aws_sqs_queue_policy": _Holder("queue_url", "aws_sqs_queue", "url"),
}

_ATTACHES = {
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachments_exclusive": "policy_arns",
    "aws_iam_role": "managed_policy_arns",
}
"""The attribute that says which managed policies somebody gets."""

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_ROOT = re.compile(r"AWS:arn:[a-z-]+:iam::(\d{12}):root")


def public_policy(change: Change) -> Iterator[str]:
    """Tell what a policy that would be in force anew lets anybody do."""
    for statement in _planned_statements(change):
        if statement.allows and statement.is_about_anybody and not statement.conditions:
            yield f"lets anybody do what {statement.sid} allows"


def wildcard(change: Change, plan: Plan) -> Iterator[str]:
    """Tell where a policy that would be in force anew names no actions or principals."""
    for statement in _planned_statements(change):
        if not statement.allows:
            continue
        actions = sorted(action for action in statement.actions if "*" in action)
        if actions and not _is_usual_of_a_key(statement, _accounts(change, plan)):
            yield f"{statement.sid} allows {', '.join(actions)}: name the actions"
        if statement.excluding:
            yield f"{statement.sid} allows all but what it names: name what it allows"
        if statement.is_about_anybody:
            yield f"{statement.sid} is about every principal: name those it is for"


def _accounts(change: Change, plan: Plan) -> frozenset[str]:
    """Return whose key a policy is about: its ARN says so, or else whose plan it is.

    A key that is not there yet, and a document that is rendered later, have no ARN to ask. If the
    plan does not say whose it is either, no account is that of the key.
    """
    arn = change.before.get("arn")
    return frozenset({arn.split(":")[4]}) if isinstance(arn, str) else plan.accounts


def _is_usual_of_a_key(statement: Statement, accounts: frozenset[str]) -> bool:
    """Tell whether these are wildcards that AWS itself writes into a key's policy.

    A key hands all decisions to its own account's policies, or could be locked for ever; and an
    AWS service gets families of actions, under a condition that says for what.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    if not all(action.startswith("kms:") for action in statement.actions):
        return False
    # An identity's principal is neither: this is about policies of keys alone.
    return all(
        _is_root_of(name, accounts) or (name.startswith("Service:") and bool(statement.conditions))
        for name in statement.principals
    )


def _is_root_of(principal: str, accounts: frozenset[str]) -> bool:
    root = _ROOT.fullmatch(principal)
    return root is not None and root[1] in accounts


def policy_widened(change: Change) -> Iterator[str]:
    """Tell what a policy allows that the one it takes the place of does not."""
    if change.action not in {Action.UPDATE, Action.DELETE, Action.REPLACE}:
        return
    for attribute in _POLICY_ATTRIBUTES:
        before = change.before.get(attribute)
        if isinstance(before, str):
            yield from _widened(parse_policy(before), _planned_policy(change, attribute))
    if change.action is Action.DELETE:
        return
    # A role that is made anew tells of what is beside it only afterwards.
    is_unknown = change.action is Action.UPDATE and any_true(change.unknown.get("inline_policy"))
    inline = None if is_unknown else _statements(_inline_policies(change.after))
    yield from _widened(_statements(_inline_policies(change.before)), inline)


def holder_widened(change: Change, plan: Plan) -> Iterator[str]:
    """Tell what somebody may do anew although no policy there is says more.

    Args:
        change: one of the plan's.
        plan: all of it. What it makes has no rights yet that could be widened, and its own
            policies are judged by what they say. An ARN that is not known yet is of a policy that
            it makes.

    Yields:
        One sentence for each, without its full stop.
    """
    if change.action not in _MAKES:
        return
    yield from _policy_added(change, plan)
    attached = _attached(change.type, change.after)
    if change.action is Action.UPDATE:
        attached -= _attached(change.type, change.before)
    for arn in sorted(attached - _own_policies(plan)):
        yield f"attaches {arn}, which is no policy of this plan's, so nobody sees what it allows"
    boundary = change.before.get("permissions_boundary")
    if boundary and change.after.get("permissions_boundary") != boundary:
        yield f"takes its permissions boundary {boundary} away, or puts another one in its place"
    if change.type == "aws_lambda_permission":
        yield from _invoker_added(change, plan)


def _policy_added(change: Change, plan: Plan) -> Iterator[str]:
    holder = _HOLDERS.get(change.type)
    if holder is None:
        return
    name = change.after.get(holder.named_by)
    # A name that is not known yet is that of something that is not there yet.
    if (
        name is None
        or name == change.before.get(holder.named_by)
        or plan.makes(holder.type, holder.name, name)
    ):
        return
    # What moves from one policy to another of the same holder is nothing new.
    before = tuple(
        statement
        for other in plan.changes
        if other.type == change.type and other.before.get(holder.named_by) == name
        for statement in parse_policy(other.before.get("policy") or "")
    )
    yield from _widened(before, _planned_policy(change, "policy"))


def _attached(kind: str, attributes: Attributes) -> frozenset[str]:
    value = attributes.get(_ATTACHES.get(kind, ""))
    arns = [value] if isinstance(value, str) else value or ()
    return frozenset(arn for arn in arns if arn)


def _own_policies(plan: Plan) -> frozenset[str]:
    return frozenset(
        str(change.before["arn"])
        for change in plan.changes
        if change.type == "aws_iam_policy" and change.before.get("arn") and change.after
    )


def _invoker_added(change: Change, plan: Plan) -> Iterator[str]:
    principal, account = change.after.get("principal"), change.after.get("source_account")
    if change.is_unknown("principal"):
        yield "lets somebody run the function who is known only after the apply"
    elif principal and principal != "*" and not _SERVICE.fullmatch(principal):
        yield f"lets {principal} run the function, which is no service of AWS"
    if account and plan.accounts and account not in plan.accounts:
        yield f"lets {principal} run the function for another account, {account}"


def function_opened(change: Change) -> Iterator[str]:
    """Tell whether a permission lets anybody run a function, if only by way of a service.

    A bucket's ARN names no account, and its name can be registered by another one once it is gone;
    the ARNs of other services name theirs.
    """
    if change.type != "aws_lambda_permission" or change.action not in _MAKES:
        return
    principal = change.after.get("principal")
    told = {
        name
        for name in ("source_account", "source_arn", "principal_org_id")
        if change.after.get(name) or change.is_unknown(name)
    }
    if principal == "*":
        yield "lets anybody run the function"
    elif principal == "s3.amazonaws.com" and "source_account" not in told:
        yield "lets a bucket of any account run the function: name its source_account"
    elif principal and _SERVICE.fullmatch(principal) and not told:
        yield f"lets {principal} run the function for any account: name its source_account"


def _planned_statements(change: Change) -> Iterator[Statement]:
    """Yield the statements that would be in force anew, as far as they are known."""
    if change.action is Action.READ and change.type == DOCUMENT:
        yield from document_statements(change.after)
    elif change.action in _MAKES:
        for attribute in _POLICY_ATTRIBUTES:
            text = change.after.get(attribute)
            if isinstance(text, str):
                yield from parse_policy(text)
        # A role tells of the policies beside it too, as they are: those are nothing new.
        new = set(_inline_policies(change.after)) - set(_inline_policies(change.before))
        for text in sorted(new):
            yield from parse_policy(text)


def _planned_policy(change: Change, attribute: str) -> tuple[Statement, ...] | None:
    """Return the statements of a policy then; none at all if nobody knows before the apply."""
    if change.is_unknown(attribute):
        document = change.documents.get(attribute)
        return None if document is None else tuple(document_statements(document))
    return parse_policy(change.after.get(attribute) or "")


def _inline_policies(attributes: Attributes) -> tuple[str, ...]:
    """Return the policies that are written into a role itself."""
    blocks = attributes.get("inline_policy") or ()
    return tuple(block["policy"] for block in blocks if block.get("policy"))


def _statements(policies: tuple[str, ...]) -> tuple[Statement, ...]:
    return tuple(statement for text in policies for statement in parse_policy(text))


def _widened(before: tuple[Statement, ...], after: tuple[Statement, ...] | None) -> Iterator[str]:
    if after is None:
        yield (
            "its policy depends on what is known only after the apply, so nobody can tell "
            "whether it lets more happen"
        )
    else:
        yield from widenings(before, after)
