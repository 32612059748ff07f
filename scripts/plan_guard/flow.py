"""The way of an announcement, and of what fails on it: changes in place that end it unseen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any

from plan_guard.plan import Action, Change, Plan
from plan_guard.plan_format import Attributes, any_true, as_mapping

_NOTIFIES = {"lambda_function": "lambda_function_arn", "queue": "queue_arn", "topic": "topic_arn"}
"""The blocks of a bucket's notification, and what in them says who is told."""

_WAYS_OUT = {
    "aws_lambda_function": "dead_letter_config",
    "aws_lambda_function_event_invoke_config": "destination_config",
    "aws_sqs_queue": "redrive_policy",
    "aws_sqs_queue_redrive_policy": "redrive_policy",
}
"""The attribute that says where goes what fails."""


@dataclass(frozen=True, slots=True)
class _Announcement:
    """One kind of event that a bucket tells one target of."""

    target: str | None
    """An ARN; none if it is known only after the apply."""
    event: str
    prefix: str
    suffix: str

    def includes(self, other: "_Announcement", plan: Plan) -> bool:
        """Tell whether the target of the other one is told all of that by this one."""
        is_same_target = (
            self.target == other.target if self.target else plan.makes_anew(other.target)
        )
        return (
            is_same_target
            and fnmatchcase(other.event, self.event)
            and other.prefix.startswith(self.prefix)
            and other.suffix.endswith(self.suffix)
        )


def flow_broken(change: Change, plan: Plan) -> Iterator[str]:
    """Tell how a change ends announcements, or drops what fails, with all resources still there.

    Args:
        change: one of the plan's.
        plan: all of it. A target whose ARN is known only after the apply is the one there was if
            the plan makes that one anew; otherwise nobody knows what it is.

    Yields:
        One sentence for each, without its full stop.

    Raises:
        ValueError: where failures go is told in what is not JSON.
    """
    if change.action not in {Action.UPDATE, Action.REPLACE}:
        return
    if change.type == "aws_s3_bucket_notification":
        yield from _announcements_lost(change, plan)
    if change.type == "aws_lambda_function" and _becomes(
        change, "reserved_concurrent_executions", 0
    ):
        yield "lets the function never run: each upload's event ends as a failure"
    if change.type in _WAYS_OUT:
        yield from _way_out_lost(change, plan)


def _becomes(change: Change, attribute: str, value: object) -> bool:
    return change.before.get(attribute) != value and change.after.get(attribute) == value


def _announcements_lost(change: Change, plan: Plan) -> Iterator[str]:
    after = tuple(_announcements(change.after, change.unknown))
    known = ", for all that is known before the apply" if any_true(change.unknown) else ""
    for it in _announcements(change.before, {}):
        if not any(other.includes(it, plan) for other in after):
            yield (
                f"no longer announces all {it.event} of {it.prefix}*{it.suffix} to {it.target}"
                f"{known}"
            )
    if change.before.get("eventbridge") and not (
        change.after.get("eventbridge") or change.is_unknown("eventbridge")
    ):
        yield "no longer tells EventBridge of anything"


def _announcements(attributes: Attributes, unknown: Attributes) -> Iterator[_Announcement]:
    """Yield what a notification announces, as far as what it is about is known."""
    for block, target in _NOTIFIES.items():
        markers = unknown.get(block)
        # One marker for each entry, unless they are all known, or none is.
        for entry, marker in zip_longest(
            attributes.get(block) or (), markers if isinstance(markers, list) else ()
        ):
            if any_true(
                [as_mapping(marker).get(it) for it in ("events", "filter_prefix", "filter_suffix")]
            ):
                continue
            for event in entry.get("events") or ():
                yield _Announcement(
                    target=entry.get(target),
                    event=event,
                    prefix=entry.get("filter_prefix") or "",
                    suffix=entry.get("filter_suffix") or "",
                )


def _way_out_lost(change: Change, plan: Plan) -> Iterator[str]:
    attribute = _WAYS_OUT[change.type]
    before = _way_out(change.type, change.before.get(attribute))
    after = _way_out(change.type, change.after.get(attribute))
    if before is None or before == after:
        return
    if after:
        yield f"sends what fails to {after}, and no longer to {before}"
    elif not any_true(change.unknown.get(attribute)):
        yield f"drops what fails, which went to {before}"
    elif not plan.makes_anew(before):
        yield f"sends what fails to what is known only after the apply, and no longer to {before}"


def _way_out(kind: str, value: Any) -> str | None:  # noqa: ANN401 - what the attribute's type has
    """Return the ARN of where goes what fails; none if there is none, or it is not known yet."""
    match kind:
        case "aws_lambda_function":
            targets = [it.get("target_arn") for it in value or ()]
        case "aws_lambda_function_event_invoke_config":
            targets = [
                failure.get("destination")
                for config in value or ()
                for failure in config.get("on_failure") or ()
            ]
        case _:
            targets = [json.loads(value or "{}").get("deadLetterTargetArn")]
    return next((target for target in targets if target), None)
