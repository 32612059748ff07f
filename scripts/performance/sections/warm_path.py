"""The report's section on warm runs, from its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from performance.samples import median, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TITLE = "Warm path"
TARGET_US = 30.0
"""Of processor time for a record, in microseconds; what takes as much has missed it."""

_ROWS = {
    "intake_valid": "intake function, valid key",
    "intake_ignored": "intake function, ignored key",
    "tutorial_valid": "tutorial's handler, valid key",
    "tutorial_ignored": "tutorial's handler, the ignored key",
    "log_line": "one `logging.info` with an announcement's fields",
}
_SILENT = "_silent"


def text(data: Mapping[str, Any]) -> str:
    """Return the section: each kind of key, its share of logging, and the tutorial's handler."""
    return "\n".join(_lines(data))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    samples: Mapping[str, Sequence[float]] = data["record_us"]
    yield (
        f"Processor time for a record, in events of {data['records_per_event']} records, measured "
        f"by {data['harness']} with `time.process_time`; the cases take turns, a "
        "process of pyperf each time. In it: the handler from the decoded event to its answer, "
        "with its log lines and metrics as AWS's runtime client formats and writes them (log "
        "format JSON, level INFO, into `/dev/null`). Not in it: decoding the event, and the "
        "SDK's call, which is answered at `send_message_batch` or `send_message`."
    )
    yield ""
    yield "| | median | p95 | of it log lines and metrics | target |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for case, label in _ROWS.items():
        middle = median(samples[case])
        silent = samples.get(case + _SILENT)
        told = "" if silent is None else f"{middle - median(silent):.1f} us"
        verdict = "" if silent is None else f"under {TARGET_US:g} us: {_verdict(middle)}"
        yield (
            f"| {label} | {middle:.1f} us | {percentile(samples[case], 0.95):.1f} us | {told} "
            f"| {verdict} |"
        )
    yield ""
    tutorial = median(samples["tutorial_valid"])
    yield (
        "The share of log lines and metrics is the difference to the same function at level "
        "CRITICAL and without a stack to count for. A line of the runtime client's, "
        f"logged as usual, takes {median(samples['log_line']):.1f} us, and each record has one, so "
        "that `submitter why` finds it. The tutorial's handler tells nothing of what "
        f"it did; beside its {tutorial:.1f} us, the intake function without its own lines takes "
        f"{median(samples['intake_valid_silent']):.1f} us to check the event and the key and to "
        "make a message with five attributes. The ignored key is a `roster.json` in a submission's "
        "folder, which the tutorial's handler announces. It also calls SQS once for each record, "
        "the intake function once for ten, which this table leaves out."
    )


def plot(data: Mapping[str, Any], file: Path) -> bool:
    """Draw a bar for each case, with the part that log lines and metrics take."""
    # Only the report's environment has it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    samples: Mapping[str, Sequence[float]] = data["record_us"]
    figure = Figure(figsize=(9, 3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    labels = list(_ROWS.values())
    own = [median(samples.get(case + _SILENT, samples[case])) for case in _ROWS]
    told = [median(samples[case]) - part for case, part in zip(_ROWS, own, strict=True)]
    axes.barh(labels, own, label="handling the record")
    axes.barh(labels, told, left=own, label="its log line and metrics")
    axes.axvline(TARGET_US, color="black", linestyle="--", linewidth=1, label="target")
    axes.invert_yaxis()
    axes.set_xlabel("processor time for a record, microseconds")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return True


def _verdict(middle: float) -> str:
    if middle < TARGET_US:
        return "met"
    return f"missed by {middle - TARGET_US:.1f} us"
