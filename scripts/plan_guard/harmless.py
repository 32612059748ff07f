"""What may change in a stack without an allowance: one table, with a reason for each row.

Everything else stops. A row names a type, an attribute and the direction of the change.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plan_guard.difference import Difference
from plan_guard.plan import Change
from plan_guard.resource_types import without_indexes

type Direction = Callable[[Any, Any], bool]  # whether a value may become another one

_FOR_EVER = float("inf")
# They find the stack, and rights on its key depend on them; IAM ignores their case.
_PINNED_TAGS = {"project", "stack"}
_PLAIN_WIDGETS = {"alarm", "explorer", "log", "metric", "text"}
_RECEIVED = range(2, 21)  # how often a message may be received before it is set aside
# More of the 1,000 runs that an account usually has at once could keep the intake waiting.
_GRADED_AT_ONCE = range(2, 101)


@dataclass(frozen=True, slots=True)
class Harmless:
    """One row of the table."""

    type: str  # the type of resource, perhaps in one module; ``*`` stands for every type
    path: str  # the attribute; a last ``*`` stands for each key of a map
    may_become: Direction
    effect: str  # the effect, or why it does no harm; the summary shows it
    may_be_unknown: bool = False  # whether AWS sets the value, after the apply
    costs: bool = False  # whether the bill rises and falls with the value

    def covers(self, change: Change, difference: Difference) -> bool:
        """Return whether it is for this value, and lets it change as planned."""
        start, _, key = difference.path.partition(".")
        is_of_map = self.path.endswith(".*") and bool(key)
        path = f"{start}.*" if is_of_map else difference.path
        is_pinned = is_of_map and key.lower() in _PINNED_TAGS and bool(change.before)
        is_of_module = without_indexes(change.address).startswith(f"{self.type}.")
        is_of_type = self.type in {"*", change.type} or is_of_module
        if not is_of_type or path != self.path or is_pinned:
            return False
        if difference.is_unknown:
            return self.may_be_unknown
        try:
            return self.may_become(difference.before, difference.after)
        except (ValueError, TypeError, LookupError, AttributeError):
            return False  # not in the form that its type has


def _anything(_before: object, _after: object) -> bool:
    return True


def _more(before: Any, after: Any) -> bool:  # noqa: ANN401 - any JSON, here and below
    return bool(after - before > 0) and not isinstance(after, bool)


def _more_of(amount: Callable[[Any], float]) -> Direction:
    return lambda before, after: _more(amount(before), amount(after))


def _more_or(enough: int) -> Direction:
    return lambda before, after: bool(after >= enough) or _more(before, after)


def _becomes(*safe: object) -> Direction:
    return lambda _before, after: any(after == it and type(after) is type(it) for it in safe)


def _topics_added(before: Any, after: Any) -> bool:  # noqa: ANN401
    return set(before or ()) < set(after) and are_topics(after)


def _only_receive_count_changes(before: str, after: str) -> bool:
    old, new = json.loads(before), json.loads(after)
    old["maxReceiveCount"] = times = new["maxReceiveCount"]
    return old == new and times in _RECEIVED


def _only_shows(_before: object, after: str) -> bool:
    # A custom widget runs a function with its viewer's rights.
    widgets = json.loads(after).get("widgets", [])
    return all(widget["type"] in _PLAIN_WIDGETS for widget in widgets)


def are_topics(arns: Any) -> bool:  # noqa: ANN401
    """Return whether all ARNs are of SNS topics, which can only send a message."""
    return all(it.split(":")[0] == "arn" and it.split(":")[2] == "sns" for it in arns or ())


def _rows(
    kind: str, paths: tuple[str, ...], may_become: Direction, effect: str, *, unknown: bool = False
) -> tuple[Harmless, ...]:
    return tuple(Harmless(kind, it, may_become, effect, may_be_unknown=unknown) for it in paths)


_LONGER = _more_of(lambda days: days or _FOR_EVER)  # to CloudWatch, 0 days are for ever
_MORE_AT_ONCE = _more_of(lambda it: _FOR_EVER if it == -1 else it)  # -1 is the account's limit
_NEWER_PYTHON = _more_of(lambda it: int(it.removeprefix("python3.")))

_FUNCTION = "aws_lambda_function"
_INTAKE, _GRADER = (f"module.{it}_function.{_FUNCTION}" for it in ("intake", "grader"))
_MAPPING = "aws_lambda_event_source_mapping"
_RETRIES = "aws_lambda_function_event_invoke_config"
_QUEUE = "aws_sqs_queue"
_ALARM = "aws_cloudwatch_metric_alarm"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_NONCURRENT = "rule[].noncurrent_version_expiration[].noncurrent_days"
_UNFINISHED = "rule[].abort_incomplete_multipart_upload[].days_after_initiation"
_STATUS = "versioning_configuration[].status"

_WORDS = "only words change"
_MEMORY = "runs have enough memory"
_TIME = "the time limit changes"
_PACE = "a message that is worked on is received again at another time"
_TRIES = "a message is set aside after another number of failures"

_SAID_BY_LAMBDA = (
    *("last_modified", "code_sha256", "source_code_size"),
    *("version", "qualified_arn", "qualified_invoke_arn"),
)
BLOCKS = (
    *("block_public_acls", "block_public_policy"),
    *("ignore_public_acls", "restrict_public_buckets"),
)
_ATTEMPTS = ("maximum_retry_attempts", "maximum_event_age_in_seconds")
ALARM_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")

TABLE = (
    *_rows("*", ("tags.*", "tags_all.*"), _anything, "tags are for people and bills"),
    # Each function
    Harmless(_FUNCTION, "source_code_hash", _anything, "other code runs from then on"),
    Harmless(_FUNCTION, "filename", _anything, "the package is elsewhere on this machine"),
    *_rows(_FUNCTION, _SAID_BY_LAMBDA, _anything, "Lambda counts its versions", unknown=True),
    Harmless(_FUNCTION, "description", _anything, _WORDS),
    Harmless(_FUNCTION, "reserved_concurrent_executions", _MORE_AT_ONCE, "more runs at once"),
    Harmless(_FUNCTION, "runtime", _NEWER_PYTHON, "AWS retires the older ones"),
    # The intake
    Harmless(_INTAKE, "memory_size", _more_or(128), _MEMORY, costs=True),
    Harmless(_INTAKE, "timeout", _more_or(10), _TIME),
    Harmless(
        _INTAKE, "architectures", _becomes(["arm64"], ["x86_64"]), "it runs on both", costs=True
    ),
    *_rows(_RETRIES, _ATTEMPTS, _more, "fewer events fail for good"),
    # The grader: a program may take 256 MiB, and a run of it a minute
    Harmless(_GRADER, "memory_size", _more_or(1024), _MEMORY, costs=True),
    Harmless(_GRADER, "timeout", _more_or(90), _TIME),
    Harmless(
        _MAPPING,
        "scaling_config[].maximum_concurrency",
        lambda _before, after: after in _GRADED_AT_ONCE,
        "more or fewer submissions are graded at once",
    ),
    # How long things are kept
    Harmless(
        "aws_cloudwatch_log_group", "retention_in_days", _LONGER, "`why` sees more", costs=True
    ),
    Harmless(_QUEUE, "message_retention_seconds", _more, "a message waits longer"),
    Harmless(_LIFECYCLE, _NONCURRENT, _more, "replaced versions are kept longer", costs=True),
    Harmless(_LIFECYCLE, _UNFINISHED, _more, "unfinished uploads are kept longer", costs=True),
    # The queue's pace
    Harmless(_QUEUE, "visibility_timeout_seconds", _more_or(60), _PACE),
    Harmless("aws_sqs_queue_redrive_policy", "redrive_policy", _only_receive_count_changes, _TRIES),
    # What people see
    Harmless(
        _ALARM, "threshold", lambda old, new: 0 <= new <= 10 * old, "it fires at another value"
    ),
    Harmless(_ALARM, "alarm_description", _anything, _WORDS),
    *_rows(_ALARM, ALARM_ACTIONS, _topics_added, "more topics are notified"),
    Harmless("aws_cloudwatch_dashboard", "dashboard_body", _only_shows, "only a picture changes"),
    Harmless("aws_ssm_parameter", "description", _anything, _WORDS),
    Harmless("aws_iam_role", "description", _anything, _WORDS),
    Harmless("aws_kms_key", "description", _anything, _WORDS),
    # What somebody changed by hand, corrected
    Harmless("aws_s3_bucket", "force_destroy", _becomes(False), "the bucket is safer"),  # noqa: FBT003
    Harmless("aws_s3_bucket_versioning", _STATUS, _becomes("Enabled"), "old versions are kept"),
    *_rows("aws_s3_bucket_public_access_block", BLOCKS, _becomes(True), "nobody else gets in"),  # noqa: FBT003
)


def row_for(change: Change, difference: Difference) -> Harmless | None:
    """Return the row of the table that lets a value change as planned, if there is one."""
    return next((row for row in TABLE if row.covers(change, difference)), None)
