"""What no plan may do unless it is allowed by name: one function a rule."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from plan_guard.errors import PlanGuardError
from plan_guard.findings import Finding, Rule
from plan_guard.flow import flow_broken
from plan_guard.plan import Action, Change, Plan
from plan_guard.plan_format import Attributes
from plan_guard.retention import retention_shortened
from plan_guard.rights import (
    function_opened,
    holder_widened,
    policy_widened,
    public_policy,
    wildcard,
)

_HOLDS_DATA = {
    "aws_s3_bucket": "every object in it, with all versions",
    "aws_sqs_queue": "every message that waits in it",
    "aws_kms_key": "all that it has encrypted, once its waiting period is over",
    "aws_cloudwatch_log_group": "the record of what became of each upload",
}

_HOLDS_UP = {
    "aws_s3_bucket_notification": "uploads are announced by it, and meanwhile none is",
    "aws_lambda_permission": "S3 runs the function by it, and meanwhile no upload is announced",
    "aws_lambda_function": "it announces uploads, and meanwhile none is",
    "aws_lambda_function_event_invoke_config": (
        "failed events go to their queue by it, and without it they are dropped"
    ),
    "aws_sqs_queue_redrive_policy": (
        "messages that fail again and again are set aside by it, and without it they are dropped"
    ),
    "aws_s3_bucket_versioning": "without it an overwritten or deleted submission is gone",
    "aws_s3_bucket_server_side_encryption_configuration": (
        "it says how submissions are encrypted, and S3's default is its own key"
    ),
}

_PUBLIC_ACCESS_BLOCKS = (
    *("block_public_acls", "block_public_policy"),
    *("ignore_public_acls", "restrict_public_buckets"),
)
_LONGEST_WINDOW = 30
"""Days until a deleted key is gone, if nobody says how many."""
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Return all that a plan must not do, by address.

    Args:
        plan: what `terraform plan` wants to do.

    Raises:
        PlanGuardError: it has a policy that cannot be read.
    """
    found = set(_notifications_owned_twice(plan))
    for change in plan.changes:
        found.update(_about(change, plan))
    return tuple(sorted(found))


def _about(change: Change, plan: Plan) -> Iterator[Finding]:
    try:
        for rule, check in _CHECKS:
            for what in check(change):
                yield Finding(change.address, rule, what)
        for rule, check_in_plan in _CHECKS_IN_PLAN:
            for what in check_in_plan(change, plan):
                yield Finding(change.address, rule, what)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise PlanGuardError(
            f"{change.address} cannot be judged: what the plan says of it is not in the form that "
            f"its type has ({type(error).__name__}: {error}). Look at it with terraform show, and "
            "mend its configuration or the guard's rules."
        ) from error


def _data_loss(change: Change) -> Iterator[str]:
    lost = _HOLDS_DATA.get(change.type)
    if lost is None or change.action not in {Action.DELETE, Action.REPLACE}:
        return
    if change.action is Action.DELETE:
        yield f"deletes {lost}"
    else:
        because = ", ".join(change.replaced_for) or "its configuration"
        yield f"makes another one in its place, because {because} changes, and deletes {lost}"


def _protection_removed(change: Change) -> Iterator[str]:
    if change.type in _HOLDS_UP and change.action in {Action.DELETE, Action.REPLACE}:
        verb = "deletes it" if change.action is Action.DELETE else "deletes it to make another"
        yield f"{verb}: {_HOLDS_UP[change.type]}"
    if change.action is not Action.UPDATE:
        return
    if change.type == "aws_s3_bucket" and _turns(change, "force_destroy", to=True):
        yield "lets terraform destroy delete the bucket with all submissions in it"
    if change.type == "aws_s3_bucket_versioning" and _versioning(change.after) != "Enabled":
        yield f"stops versioning: {_HOLDS_UP[change.type]}"
    if change.type == "aws_kms_key":
        yield from _key_weakened(change)
    if _is_encryption_weaker(change):
        yield "encrypts with a key that the account does not manage itself, or not at all"


def _key_weakened(change: Change) -> Iterator[str]:
    if _turns(change, "enable_key_rotation", to=False):
        yield "stops the key's yearly rotation"
    if _turns(change, "is_enabled", to=False):
        yield "turns the key off: nothing that it has encrypted can be read, and nothing be written"
    had, days = (
        side.get("deletion_window_in_days") or _LONGEST_WINDOW
        for side in (change.before, change.after)
    )
    if days < had:
        yield f"lets the key be gone {days} days after its deletion, and no longer {had}"


def _turns(change: Change, attribute: str, *, to: bool) -> bool:
    return change.before.get(attribute) is not to and change.after.get(attribute) is to


def _versioning(attributes: Attributes) -> object:
    return next((it.get("status") for it in attributes.get("versioning_configuration") or ()), None)


def _is_encryption_weaker(change: Change) -> bool:
    for attribute in ("kms_master_key_id", "kms_key_id", "kms_key_arn"):
        given = change.before.get(attribute)
        if given and not change.after.get(attribute) and not change.is_unknown(attribute):
            return True
    if change.type == "aws_sqs_queue" and _turns(change, "sqs_managed_sse_enabled", to=False):
        # A key of the account's own takes the place of SQS's.
        return not change.after.get("kms_master_key_id") and not change.is_unknown(
            "kms_master_key_id"
        )
    if change.type == "aws_s3_bucket_server_side_encryption_configuration":
        return "aws:kms" in _algorithm(change.before) and "aws:kms" not in _algorithm(change.after)
    return False


def _algorithm(attributes: Attributes) -> str:
    return next(
        (
            str(default.get("sse_algorithm"))
            for rule in attributes.get("rule") or ()
            for default in rule.get("apply_server_side_encryption_by_default") or ()
        ),
        "",
    )


def _public_access(change: Change) -> Iterator[str]:
    after = change.after
    match change.type, change.action:
        case "aws_s3_bucket_public_access_block", Action.DELETE:
            yield "no longer blocks public access to the bucket"
        case "aws_s3_bucket_public_access_block", Action.CREATE | Action.UPDATE | Action.REPLACE:
            opened = [name for name in _PUBLIC_ACCESS_BLOCKS if not after.get(name)]
            if opened:
                yield f"lets the bucket be public: {', '.join(opened)} is not true"
        case "aws_s3_bucket_ownership_controls", Action.DELETE:
            yield "lets access control lists count again"
        case "aws_s3_bucket_ownership_controls", Action.CREATE | Action.UPDATE | Action.REPLACE:
            rules = after.get("rule") or ()
            if any(rule.get("object_ownership") != "BucketOwnerEnforced" for rule in rules):
                yield "lets access control lists count again"
        case (("aws_s3_bucket_acl" | "aws_s3_object"), _) if after.get("acl") in _PUBLIC_ACLS:
            yield f"makes it {after['acl']}"
        case "aws_lambda_function_url", _ if after.get("authorization_type") == "NONE":
            yield "lets anybody on the internet run the function"


def _notifications_owned_twice(plan: Plan) -> Iterator[Finding]:
    owners: dict[object, list[str]] = defaultdict(list)
    for change in plan.changes:
        if change.type == "aws_s3_bucket_notification" and change.action not in {
            Action.DELETE,
            Action.FORGET,
        }:
            # Buckets whose names are not known yet may be the same one.
            owners[change.after.get("bucket")].append(change.address)
    for bucket, addresses in owners.items():
        for address in addresses if len(addresses) > 1 else ():
            others = ", ".join(other for other in addresses if other != address)
            yield Finding(
                address,
                Rule.NOTIFICATION_OWNED_TWICE,
                f"a bucket has one notification configuration, and {others} sets that of "
                f"{bucket or 'the same bucket, for all that is known'} too: the last one wins",
            )


_CHECKS: tuple[tuple[Rule, Callable[[Change], Iterator[str]]], ...] = (
    (Rule.DATA_LOSS, _data_loss),
    (Rule.PROTECTION_REMOVED, _protection_removed),
    (Rule.PUBLIC_ACCESS, _public_access),
    (Rule.PUBLIC_ACCESS, function_opened),
    (Rule.PUBLIC_ACCESS, public_policy),
    (Rule.POLICY_WIDENED, policy_widened),
)

_CHECKS_IN_PLAN: tuple[tuple[Rule, Callable[[Change, Plan], Iterator[str]]], ...] = (
    (Rule.RETENTION_SHORTENED, retention_shortened),
    (Rule.PROTECTION_REMOVED, flow_broken),
    (Rule.WILDCARD, wildcard),
    (Rule.POLICY_WIDENED, holder_widened),
)
"""Those for which the rest of the plan matters too."""
