"""The report's section on memory and size, from its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from performance.samples import median, ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TITLE = "Memory and size"
TARGET_BYTES = 10_000
"""Of the zip; one that measures as much has missed it."""

_OTHERWISE = {
    "deflated": (
        "deflated by Python's zlib",
        "other bytes with another zlib, and so another plan on another machine",
    ),
    "without_words": ("stored, without comments and docstrings", "code that explains nothing"),
    "without_words_deflated": ("both", "both"),
}


def text(data: Mapping[str, Any]) -> str:
    """Return the section: memory beside the tutorial's, the zip's bytes, and `make package`."""
    return "\n".join(_lines(data))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    ours, theirs = (data["peak_kib"][name] for name in ("intake", "tutorial"))
    interval = ratio_interval(ours, theirs)
    size, seconds = data["zip_bytes"]["intake"], data["make_package_seconds"]
    verdict = "met" if size < TARGET_BYTES else "missed"
    yield "| | intake function | tutorial's handler | ratio, or target |"
    yield "| --- | ---: | ---: | --- |"
    yield (
        f"| peak memory of the process at the first message's end, median of {len(ours)} "
        f"| {median(ours) / 1024:.1f} MiB | {median(theirs) / 1024:.1f} MiB "
        f"| {ratio(ours, theirs):.2f} (95 % interval {interval.low:.2f} to {interval.high:.2f}) |"
    )
    yield (
        f"| zip | {size:,} bytes | {data['zip_bytes']['tutorial']:,} bytes "
        f"| under {TARGET_BYTES:,} bytes: {verdict} |"
    )
    yield (
        f"| `make package`, median of {len(seconds)} | {median(seconds):.2f} s | "
        "| with the bill of materials |"
    )
    yield ""
    yield (
        "Peak memory is `VmHWM` of Linux, in the process of AWS's runtime client, sandbox not "
        "included. The zip holds the sources as they are, stored: the same bytes on every "
        "machine, which anybody can read in Lambda's console."
    )
    yield ""
    yield "| the zip otherwise | bytes | what it would cost |"
    yield "| --- | ---: | --- |"
    for name, (label, price) in _OTHERWISE.items():
        yield f"| {label} | {data['zip_bytes_otherwise'][name]:,} | {price} |"


def plot(_data: Mapping[str, Any], _file: Path) -> bool:
    """Draw nothing: the table says it."""
    return False
