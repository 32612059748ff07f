"""Checks that every alarm exists, watches this stack, and notifies somebody."""

from collections.abc import Iterator
from functools import partial

from submission.keys import SUBMISSIONS
from submitter.aws.alarms import AlarmKind, StackAlarm, read_alarms
from submitter.aws.queues import queue_attributes
from submitter.aws.unset import unless_unset
from submitter.doctor.checks.expected_alarms import (
    GROWTH_BYTES,
    REQUEST_METRICS,
    SHORTEST_AGE_SECONDS,
    expected_settings,
)
from submitter.doctor.findings import APPLY, Check, Finding, Verdict, attention, judge
from submitter.stack.context import Context


def alarm_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the alarms and of the metrics they use, by name."""
    yield "alarms", partial(_alarms, context)
    yield "bucket metrics", partial(_bucket_metrics, context)


def _alarms(context: Context) -> Iterator[Finding]:
    alarms = read_alarms(context)
    if alarms.missing:
        yield attention("alarms", f"These do not exist: {', '.join(alarms.missing)}.")
    problems = {alarm.name: list(_problems(context, alarm)) for alarm in alarms.existing}
    for name, found in problems.items():
        if found:
            yield attention(
                "alarms",
                f"{name} differs from what the stack needs: {'; '.join(found)}.",
                f"It may never fire, or fire for nothing. {APPLY}",
            )
    sound = [alarm for alarm in alarms.existing if not problems[alarm.name]]
    silent = [alarm.name for alarm in sound if not alarm.notifies]
    if not sound:
        return
    if len(silent) == len(sound):
        yield Finding(
            "alarms",
            Verdict.UNKNOWN,
            f"There are {len(silent)} alarms, and none of them notifies anybody.",
            "If nobody watches them in the console, give the stack a topic: set alarm_topic_arn, "
            "and run `make plan` and `make apply`.",
        )
    elif silent or (len(sound) == len(alarms.existing) and not alarms.missing):
        yield judge(
            "alarms",
            good=not silent,
            found=f"These notify nobody: {', '.join(silent)}."
            if silent
            else f"All {len(sound)} exist, watch this stack and notify somebody.",
        )


def _problems(context: Context, alarm: StackAlarm) -> Iterator[str]:
    """Yield how an alarm differs from what the stack needs."""
    wanted = expected_settings(context.deployment)[alarm.kind]
    for name in sorted(wanted.keys() | alarm.settings.keys()):
        found, should_be = alarm.settings.get(name, "none"), wanted.get(name, "none")
        if found != should_be:
            yield f"{name} is {found}, not {should_be}"
    problem = _threshold_problem(context, alarm.kind, alarm.threshold)
    if problem:
        yield problem


def _threshold_problem(context: Context, kind: AlarmKind, threshold: float | None) -> str | None:
    """Return what is wrong with a threshold: one that a variable sets may be in its range."""
    match kind:
        case AlarmKind.BUCKET_GROWTH:
            lowest, highest = GROWTH_BYTES
            good = threshold is not None and lowest <= threshold <= highest
            wanted = f"{lowest} to {highest}"
        case AlarmKind.OLDEST_MESSAGE_AGE:
            attributes = queue_attributes(context, context.deployment.queue_url)
            kept = int(attributes["MessageRetentionPeriod"])
            good = threshold is not None and SHORTEST_AGE_SECONDS <= threshold < kept
            wanted = (
                f"{SHORTEST_AGE_SECONDS} or more and less than the {kept} seconds that the queue "
                "keeps a message"
            )
        case _:
            good, wanted = threshold == 0, "0"
    shown = "none" if threshold is None else f"{threshold:f}".rstrip("0").rstrip(".")
    return None if good else f"threshold is {shown}, not {wanted}"


def _bucket_metrics(context: Context) -> Iterator[Finding]:
    answer = unless_unset(
        "NoSuchConfiguration",
        lambda: context.s3.get_bucket_metrics_configuration(
            Bucket=context.deployment.bucket_name, Id=REQUEST_METRICS
        ),
    )
    found = dict(answer["MetricsConfiguration"].get("Filter", {})) if answer else None
    yield judge(
        "bucket metrics",
        good=found == {"Prefix": SUBMISSIONS},
        found="S3 does not count uploads."
        if found is None
        else f"S3 counts uploads by {found or 'no filter'}.",
        advice=f"The alarm uploads-without-announcements needs that count. {APPLY}",
    )
