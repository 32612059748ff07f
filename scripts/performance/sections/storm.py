"""What docs/performance.md says of storms of submissions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from performance.flow.design import Design
from performance.samples import median

TITLE = "A storm of submissions"

_BUSY = 0.8
"""Of one processor: an emulator that uses so much of it is what a storm waits for."""


def text(data: Mapping[str, Any]) -> str:
    """Return the section's Markdown, from the record's data."""
    what = (
        f"{data['clients']} clients upload as fast as the emulator takes it, each submission's "
        f"`.py` and then its `.json`; {data['back_ends']} back ends receive and delete."
    )
    terms = (
        "Lost is what no message told of. The oldest message is the oldest that waited in the "
        "queue at any time; the oldest submission's age begins with its upload."
    )
    parts = (_storms(data["storms"]), [terms], _compared(data), _limits(data))
    return "\n\n".join([what, *("\n".join(part) for part in parts)])


def plot(data: Mapping[str, Any], file: Path) -> bool:
    """Draw what was uploaded, announced and consumed over time, and the ages of what waited."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only where plots are drawn

    storms = data["storms"]
    figure = Figure(figsize=(5 * len(storms), 6), layout="constrained")
    columns = figure.subplots(2, len(storms), sharex="col", squeeze=False).T
    for storm, (counts, ages) in zip(storms, columns, strict=True):
        moments = storm["moments"]
        seconds = moments["seconds"]
        for name, style in (("uploaded", "-"), ("announced", "-"), ("consumed", "--")):
            counts.plot(seconds, moments[name], style, label=name)
        counts.set(title=f"{storm['uploaded']:,} submissions", ylabel="submissions")
        ages.plot(seconds, moments["oldest_submission_seconds"], label="oldest submission")
        ages.plot(seconds, moments["oldest_message_seconds"], label="oldest message in the queue")
        ages.set(xlabel="seconds since the first upload", ylabel="age in seconds")
        for axes in (counts, ages):
            axes.grid(visible=True, alpha=0.3)
            axes.legend()
            axes.set_ylim(bottom=0)
    figure.savefig(file, dpi=100)
    return True


def _storms(storms: list[Mapping[str, Any]]) -> list[str]:
    rows: list[tuple[str, list[str]]] = [
        ("submissions uploaded", [f"{storm['uploaded']:,}" for storm in storms]),
        ("announced", [f"{storm['announced']:,}" for storm in storms]),
        ("**lost**", [f"**{storm['lost']:,}**" for storm in storms]),
        ("messages beyond a submission's first", [_duplicates(storm) for storm in storms]),
        ("failed events, dead letters", [_failures(storm) for storm in storms]),
        ("uploads a second", [f"{storm['uploads_per_s']:.0f}" for storm in storms]),
        ("announcements a second", [f"{storm['announcements_per_s']:.1f}" for storm in storms]),
        ("seconds until all were consumed", [f"{storm['total_s']:.0f}" for storm in storms]),
        ("most messages in the queue", [f"{_deepest(storm):,}" for storm in storms]),
        ("oldest message", [_most(storm, "oldest_message_seconds") for storm in storms]),
        ("oldest submission", [_most(storm, "oldest_submission_seconds") for storm in storms]),
    ]
    return [
        f"| | {' | '.join(f'storm of {storm["uploaded"]:,}' for storm in storms)} |",
        f"| --- |{' ---: |' * len(storms)}",
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows),
    ]


def _compared(data: Mapping[str, Any]) -> list[str]:
    rates = {
        design: median([each["announcements_per_s"] for each in data["compared"][design]])
        for design in Design
    }
    uploads = {
        design: median([each["uploads_per_s"] for each in data["compared"][design]])
        for design in Design
    }
    lost = {design: sum(each["lost"] for each in data["compared"][design]) for design in Design}
    size, rounds = data["compared_size"], len(data["compared"][Design.STACK])
    return [
        f"Storms of {size} submissions, the designs in turns; medians of {rounds}:",
        "",
        "| design | uploads a second | announcements a second | to this stack's | lost |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {design.label} | {uploads[design]:.0f} | {rates[design]:.1f} "
            f"| {rates[design] / rates[Design.STACK]:.2f} | {lost[design]} |"
            for design in Design
        ),
    ]


def _limits(data: Mapping[str, Any]) -> list[str]:
    """Say whose processor time a storm is, and what of it the executor is."""
    storm, executor = data["storms"][-1], data["executor"]
    used, announced = storm["processor_s"], storm["announced"]
    each = {name: 1000 * seconds / announced for name, seconds in used.items()}
    own, runtime = executor["executor_processor_ms"], executor["runtime_processor_ms"]
    busy = used["emulator"] / storm["total_s"]
    limit = (
        "as one Python process it can use little more, and this limits the storm"
        if busy >= _BUSY
        else "for the rest it waited, for its functions or for a machine with other work"
    )
    conclusion = (
        f"The emulator was at work for {busy:.0%} of one processor: {limit}. The executor's part "
        f"is {own / each['emulator']:.1%} of it, as measured by itself with "
        f"{executor['invocations']:,} invocations of a function that does nothing. Each took "
        f"{executor['elapsed_ms']:.2f} ms; {own:.2f} ms of processor time were the executor's, "
        f"{runtime:.2f} ms those of AWS's runtime client in the function's process."
    )
    return [
        f"Processor time for a submission, in the storm of {storm['uploaded']:,}:",
        "",
        "| | ms | share |",
        "| --- | ---: | ---: |",
        _share_row("emulator: S3, SQS, Lambda, logs, metrics", each["emulator"] - own, each),
        _share_row("emulator: the process executor", own, each),
        _share_row("functions' processes", each["functions"], each),
        _share_row("clients and back ends", each["clients"], each),
        "",
        conclusion,
    ]


def _share_row(name: str, milliseconds: float, each: Mapping[str, float]) -> str:
    return f"| {name} | {milliseconds:.2f} | {milliseconds / sum(each.values()):.1%} |"


def _duplicates(storm: Mapping[str, Any]) -> str:
    gaps = storm.get("duplicate_gaps_s")
    if not gaps:
        return f"{storm['duplicates']:,}"
    return f"{storm['duplicates']:,}, after {gaps[0]:g} to {gaps[-1]:g} s"


def _failures(storm: Mapping[str, Any]) -> str:
    return f"{storm['failed_events']}, {storm['dead_letters']}"


def _deepest(storm: Mapping[str, Any]) -> int:
    moments = storm["moments"]
    pairs = zip(moments["announced"], moments["consumed"], strict=True)
    return max(int(announced - consumed) for announced, consumed in pairs)


def _most(storm: Mapping[str, Any], name: str) -> str:
    return f"{max(storm['moments'][name]):.1f} s"
