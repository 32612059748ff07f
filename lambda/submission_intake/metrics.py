"""Counts for CloudWatch, as log lines from which it makes metrics (embedded metric format).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping

from submission import log

STACK_VARIABLE = "SUBMITTER_STACK"

_BY_STACK = [log.STACK_DIMENSION]
_BY_REASON = [log.STACK_DIMENSION, log.REASON_DIMENSION]

_LOGGER = logging.getLogger(__name__)


def write_counts(
    stack: str | None, *, announced: int, ignored: Mapping[str, int], failed: int
) -> None:
    """Count an event's records: the metrics Announced, Ignored and Failed.

    Writes lines of JSON on standard output, which Lambda does not change:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html

    Never raises: announcements have been sent by now, and an error would send them again.

    Args:
        stack: the stack's name; None writes nothing.
        announced: count of announced records.
        ignored: counts of ignored records, by reason. AWS bills each reason as a metric, so
            reasons must be of a closed set.
        failed: count of records that could not be announced.
    """
    if not stack:
        return
    try:
        for document in _documents(stack, announced, ignored, failed):
            # One write, so that nothing gets between a line and its end.
            sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()
    except Exception:
        _LOGGER.exception("This event's metrics could not be written; its announcements stand.")


def _documents(
    stack: str, announced: int, ignored: Mapping[str, int], failed: int
) -> Iterator[dict[str, object]]:
    """Yield a document for each reason, because a dimension has one value in a document.

    The first one also counts the other records. Nearly every event has one record, and so one
    document.
    """
    timestamp = int(time.time() * 1000)
    others = {
        name: count
        for name, count in ((log.ANNOUNCED_METRIC, announced), (log.FAILED_METRIC, failed))
        if count
    }
    for reason in ignored or ([None] if others else []):
        directives = [_directive([_BY_STACK], *others)] if others else []
        dimensions = {log.STACK_DIMENSION: stack}
        counts = others
        if reason is not None:
            # In both, because CloudWatch does not add up over a dimension.
            directives.append(_directive([_BY_STACK, _BY_REASON], log.IGNORED_METRIC))
            dimensions |= {log.REASON_DIMENSION: str(reason)}
            counts = others | {log.IGNORED_METRIC: ignored[reason]}
        yield {
            "_aws": {"Timestamp": timestamp, "CloudWatchMetrics": directives},
            **dimensions,
            **counts,
        }
        others = {}


def _directive(dimension_sets: list[list[str]], *names: str) -> dict[str, object]:
    return {
        "Namespace": log.NAMESPACE,
        "Dimensions": dimension_sets,
        "Metrics": [{"Name": name, "Unit": "Count"} for name in names],
    }
