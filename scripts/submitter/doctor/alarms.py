"""Checks the alarms: that all of them are there, and tell somebody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from submitter.alarms import read_alarms
from submitter.doctor.findings import Finding, Verdict, attention, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from submitter.context import Context
    from submitter.doctor.findings import Check


def alarm_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the check of the alarms, by name."""
    yield "alarms", partial(_alarms, context)


def _alarms(context: Context) -> Iterator[Finding]:
    alarms = read_alarms(context)
    if alarms.missing:
        yield attention("alarms", f"These do not exist: {', '.join(alarms.missing)}.")
    silent = [alarm.name for alarm in alarms.there if not alarm.notifies]
    if not alarms.there:
        return
    if len(silent) == len(alarms.there):
        yield Finding(
            "alarms",
            Verdict.UNKNOWN,
            f"There are {len(silent)} alarms, and none of them tells anybody.",
            "If nobody watches them in the console, give the stack a topic: set alarm_topic_arn, "
            "and run `terraform apply`.",
        )
    elif silent or not alarms.missing:
        yield judge(
            "alarms",
            good=not silent,
            found=f"These tell nobody: {', '.join(silent)}."
            if silent
            else f"All {len(alarms.there)} are there, and each tells somebody.",
        )
