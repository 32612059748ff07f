"""The report's section on cold starts, from its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from performance.samples import median, percentile, ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TITLE = "Cold start"
TARGET = 0.85
"""At most this much of the tutorial's median, up to the first message."""

_NAMES = {"intake": "intake function", "tutorial": "tutorial's handler"}
_TRIED = {
    "boto3_client": ("boto3's client", "no: boto3 loads resources and transfers for S3"),
    "session_alone": ("botocore's session instead of boto3", "part of what is kept"),
    "one_service": ("... and no list of all services", "part of what is kept"),
    "no_endpoints": (
        "botocore's session, no `endpoints.json`",
        "part of what is kept; SQS's endpoint rules stay, in every partition",
    ),
    "explicit_credentials": (
        "kept, and credentials handed over",
        "no: the SDK's own chain also knows of credentials that end",
    ),
    "no_builtin_handlers": (
        "kept, and no built-in event handlers",
        "no: SQS's error codes, retry headers and Lambda's recursion detection need them",
    ),
    "narrow_model": (
        "kept, and a model of one call",
        "no: a copy of SQS's model would be ours to keep up to date",
    ),
    "no_collection": (
        "kept, and no garbage collection meanwhile",
        "no, as long as it is worth no more than it is here",
    ),
    "signed_request": (
        "botocore's signer and urllib3, no client",
        "no: retries, endpoints and errors would be code of ours; it is what the client costs",
    ),
}


def text(data: Mapping[str, Any]) -> str:
    """Return the section: both sides, their ratios, and what was tried."""
    return "\n".join(_lines(data))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    starts, imports = data["starts"], data["imports"]
    yield (
        "A process of AWS's runtime interface client (`python -m awslambdaric`) is started with "
        "the unpacked zip, gets one S3 event, and sends one message over TLS to a stub of SQS on "
        "the same machine. Both sides took turns. What is the same for both: no bytecode of the "
        "function's own files, as a zip has none and Lambda's folder can't be written to; "
        "bytecode of the SDK, made when it was installed; the SDK's list of authorities is read "
        "for TLS. Lambda's own part, making the sandbox and fetching the zip, is not in it."
    )
    yield ""
    yield "| | median | p95 | processor time, median | starts |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, label in _NAMES.items():
        wall, cpu = starts[name]["first_message_ms"], starts[name]["cpu_ms"]
        yield (
            f"| {label}, first message | {median(wall):.0f} ms | {percentile(wall, 0.95):.0f} ms "
            f"| {median(cpu):.0f} ms | {len(wall)} |"
        )
    for name, label in _NAMES.items():
        wall = _beyond(imports[name]["wall_ms"], imports["nothing"]["wall_ms"])
        cpu = _beyond(imports[name]["cpu_ms"], imports["nothing"]["cpu_ms"])
        yield (
            f"| {label}, import alone | {median(wall):.0f} ms | {percentile(wall, 0.95):.0f} ms "
            f"| {median(cpu):.0f} ms | {len(wall)} |"
        )
    yield ""
    yield (
        "*Import alone* is `python -c 'import ...'` less the median of Python that imports "
        f"nothing ({median(imports['nothing']['wall_ms']):.0f} ms); it makes the client, as both "
        "handlers do. Processor time is up to the invocation's response."
    )
    yield ""
    yield "| intake function to tutorial's handler | ratio of medians | 95 % interval | target |"
    yield "| --- | ---: | ---: | --- |"
    first = [starts[name]["first_message_ms"] for name in _NAMES]
    met = "met" if ratio(*first) <= TARGET else "missed"
    yield f"| first message | {_ratio(*first)} | at most {TARGET}: {met} |"
    yield f"| first message, processor time | {_ratio(*(starts[n]['cpu_ms'] for n in _NAMES))} | |"
    for label, key in (("import alone", "wall_ms"), ("import alone, processor time", "cpu_ms")):
        sides = [_beyond(imports[name][key], imports["nothing"][key]) for name in _NAMES]
        yield f"| {label} | {_ratio(*sides)} | |"
    yield ""
    yield (
        "What was tried: the intake function with other ways to make its client "
        "(`scripts/performance/function_runs/client_variants.py`), in the same turns. The "
        "ratio is that of processor time, which other work on the machine changes least."
    )
    yield ""
    yield (
        "| way to make the client | first message, median | processor time, median "
        "| to what is kept | 95 % interval | kept? |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    kept = starts["intake"]
    rows = [("what is kept", "yes", kept)]
    rows += [(*_TRIED[name], taken) for name, taken in data["variants"].items()]
    for label, verdict, taken in rows:
        yield (
            f"| {label} | {median(taken['first_message_ms']):.0f} ms "
            f"| {median(taken['cpu_ms']):.0f} ms | {_ratio(taken['cpu_ms'], kept['cpu_ms'])} "
            f"| {verdict} |"
        )


def plot(data: Mapping[str, Any], file: Path) -> bool:
    """Draw both sides' distributions, and the variants as boxes beside what is kept."""
    # Only the report's environment has it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    curves, boxes = figure.subplots(1, 2)
    for name, label in _NAMES.items():
        curves.ecdf(data["starts"][name]["first_message_ms"], label=label)
    curves.set_xlabel("start to first message, ms")
    curves.set_ylabel("share of starts")
    curves.set_title("Both sides")
    curves.grid(alpha=0.3)
    curves.legend(loc="lower right")
    rows = {"tutorial's handler": data["starts"]["tutorial"], "kept": data["starts"]["intake"]}
    rows |= {name.replace("_", " "): taken for name, taken in data["variants"].items()}
    boxes.boxplot(
        [taken["cpu_ms"] for taken in rows.values()],
        orientation="horizontal",
        tick_labels=list(rows),
        showfliers=False,
    )
    boxes.invert_yaxis()
    boxes.set_xlabel("processor time to the response, ms")
    boxes.set_title("What was tried")
    boxes.grid(axis="x", alpha=0.3)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return True


def _beyond(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Return the values less the base's median."""
    return [value - median(base) for value in values]


def _ratio(numerator: Sequence[float], denominator: Sequence[float]) -> str:
    interval = ratio_interval(numerator, denominator)
    return f"{ratio(numerator, denominator):.2f} | {interval.low:.2f} to {interval.high:.2f}"
