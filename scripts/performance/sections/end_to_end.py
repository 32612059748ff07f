"""What docs/performance.md says of a submission's way from its upload to its message."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from performance.flow.design import Design
from performance.samples import median, percentile, ratio, ratio_interval

TITLE = "End to end: upload to message"

_SHARES = (0.5, 0.95, 0.99)


def text(data: Mapping[str, Any]) -> str:
    """Return the section's Markdown, from the record's data."""
    samples = {design: data["designs"][design]["from_start_ms"] for design in Design}
    answers = {design: data["designs"][design]["from_answer_ms"] for design in Design}
    rows = [
        f"| {design.label} | {_percentiles(samples[design])} | {median(answers[design]):.1f} |"
        for design in Design
    ]
    ours, floor = samples[Design.STACK], samples[Design.DIRECT]
    what = (
        "Milliseconds from just before the `.json` is put until a back end that waits for it has "
        f"its message; {data['rounds']} uploads of each design, in turns on one emulator, after "
        f"{data['warm_up_rounds']} to warm up. The last column counts from S3's answer, which may "
        "come after the message."
    )
    meaning = (
        f"A function between bucket and queue costs {median(ours) - median(floor):.1f} ms here. "
        "The direct notification does without it: it sends S3's own message for whatever ends in "
        "`.json`, checks no key, and can't say `subdata`. The emulator invokes a function at once; "
        "how long AWS lets an event wait before, it can't show."
    )
    return "\n".join(
        [
            what,
            "",
            "| design | p50 | p95 | p99 | p50 from S3's answer |",
            "| --- | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            "| ratio of this stack to | p50 | 95 % interval | p95 | p99 |",
            "| --- | ---: | --- | ---: | ---: |",
            *(
                _ratio_row(other, ours, samples[other])
                for other in (Design.TUTORIAL, Design.DIRECT)
            ),
            "",
            meaning,
        ]
    )


def plot(data: Mapping[str, Any], file: Path) -> bool:
    """Draw how many uploads had arrived after so many milliseconds, by design."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only where plots are drawn

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    for design in Design:
        axes.ecdf(data["designs"][design]["from_start_ms"], label=design.label)
    slowest = max(
        percentile(data["designs"][design]["from_start_ms"], _SHARES[-1]) for design in Design
    )
    axes.set(
        xlim=(0, slowest * 1.1),
        xlabel="milliseconds from the upload to its message",
        ylabel="share of the uploads",
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(file, dpi=100)
    return True


def _percentiles(values: Sequence[float]) -> str:
    return " | ".join(f"{percentile(values, share):.1f}" for share in _SHARES)


def _ratio_row(other: Design, ours: Sequence[float], theirs: Sequence[float]) -> str:
    interval = ratio_interval(ours, theirs)
    tails = " | ".join(
        f"{percentile(ours, share) / percentile(theirs, share):.2f}" for share in _SHARES[1:]
    )
    middle = f"{ratio(ours, theirs):.2f} | {interval.low:.2f} to {interval.high:.2f}"
    return f"| {other.label} | {middle} | {tails} |"
