"""Writes one line a message, and counts its outcome in CloudWatch (embedded metric format).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import sys
import time
from collections.abc import Mapping

from submission import log as names
from submission.keys import MAX_KEY_BYTES
from submission.log import GradingOutcome

_LOGGER = logging.getLogger("submission_grader")

_LONGEST_TEXT = 4 * MAX_KEY_BYTES
"""Characters: CloudWatch cuts long lines, and a cut line is not JSON."""
_METRICS = {
    GradingOutcome.GRADED: names.GRADED_METRIC,
    GradingOutcome.REJECTED: names.REJECTED_METRIC,
    GradingOutcome.FAILED: names.GRADING_FAILED_METRIC,
}
_LEVELS = {GradingOutcome.FAILED: logging.ERROR, GradingOutcome.IGNORED: logging.WARNING}


def write_line(
    stack: str | None, outcome: GradingOutcome, fields: Mapping[str, str | None], seconds: float
) -> None:
    """Write a message's line, and its metrics.

    Args:
        stack: the stack's name; None counts nothing.
        outcome: what became of the message.
        fields: names of `submission.log` and their values: never a program or its output.
        seconds: how long it took.
    """
    extra: dict[str, object] = {names.OUTCOME: outcome.value, names.SECONDS: round(seconds, 3)}
    for name, value in fields.items():
        if value:
            # A lone surrogate, which only a made-up message can have, has no UTF-8.
            cut = value[:_LONGEST_TEXT]
            extra[name] = cut.encode(errors="backslashreplace").decode()
    _LOGGER.log(_LEVELS.get(outcome, logging.INFO), outcome.value, extra=extra)
    if stack and outcome in _METRICS:
        counts = {_METRICS[outcome]: 1, names.GRADING_SECONDS_METRIC: seconds}
        # One write, so that nothing gets between a line and its end.
        sys.stdout.write(f"{json.dumps(_document(stack, counts))}\n")
        sys.stdout.flush()


def _document(stack: str, counts: Mapping[str, float]) -> dict[str, object]:
    metrics = [
        {"Name": name, "Unit": "Seconds" if name == names.GRADING_SECONDS_METRIC else "Count"}
        for name in counts
    ]
    directive = {
        "Namespace": names.NAMESPACE,
        "Dimensions": [[names.STACK_DIMENSION]],
        "Metrics": metrics,
    }
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        names.STACK_DIMENSION: stack,
        **counts,
    }
