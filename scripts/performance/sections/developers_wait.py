"""How long a developer waits, as a table and a plot."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TITLE = "The developer's wait"

_SHOWN = 6


def text(data: Mapping[str, Any]) -> str:
    """Return the section's Markdown."""
    return "\n".join(_lines(data["waits"]))


def _lines(waits: list[Mapping[str, Any]]) -> Iterator[str]:
    yield (
        "Each command once, with its environments made before; `make test` is the sum of the four "
        "below it. Processor time is that of all its processes: where it is far below the time, "
        "the command waits."
    )
    yield ""
    yield "| command | time | processor time | of it, most |"
    yield "| --- | --- | --- | --- |"
    for wait in waits:
        most = ", ".join(f"{part['what']} {part['seconds']:.0f} s" for part in _longest(wait)[:3])
        seconds = f"{wait['wall_seconds']:.0f} s | {wait['cpu_seconds']:.0f} s"
        yield f"| `{wait['command']}` | {seconds} | {most} |"
    for wait in waits:
        if wait["provider_seconds"]:
            own = wait["wall_seconds"] - wait["provider_seconds"]
            yield ""
            yield (
                f"Of `{wait['command']}`, {wait['provider_seconds']:.0f} s are the provider's own "
                f"wait, {wait['provider_seconds'] / wait['wall_seconds']:.0%} of it; "
                f"{own:.0f} s are everything else."
            )
        # Those of the other suites provision nothing.
        if wait.get("setup_seconds") and wait["command"] == "make test-stacks":
            yield ""
            yield (
                f"The tests of `{wait['command']}` take {wait['setup_seconds']:.0f} s to be set "
                "up, added up: emulators are started and stacks applied, beside each other."
            )
    yield ""
    yield "What takes longest in each; parts of commands that run beside each other add up to more:"
    yield ""
    for wait in waits:
        parts = _longest(wait) if wait["parallel"] else wait["parts"]
        shown = "; ".join(f"{part['what']}: {part['seconds']:.1f} s" for part in parts[:_SHOWN])
        if shown:
            yield f"- `{wait['command']}`: {shown}"


def _longest(wait: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(wait["parts"], key=lambda part: -part["seconds"])


def plot(data: Mapping[str, Any], file: Path) -> bool:
    """Draw time and processor time of each command; return whether there is a picture."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only where plots are drawn

    waits = data["waits"]
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    positions = range(len(waits))
    height = 0.38
    for offset, name, label in (
        (-height / 2, "wall_seconds", "time"),
        (height / 2, "cpu_seconds", "processor time"),
    ):
        axes.barh(
            [position + offset for position in positions],
            [wait[name] for wait in waits],
            height,
            label=label,
        )
    axes.set_yticks(list(positions), [wait["command"] for wait in waits])
    axes.invert_yaxis()
    axes.set_xlabel("seconds")
    axes.legend()
    figure.savefig(file, metadata={"Software": None})
    return True
