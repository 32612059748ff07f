"""The grader's cold start: from the start of its process to its first result, and further ones.

A grading is the example's: its five cases in the sandbox, and two results.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import psutil

from emulation.example_course import example_key, published_files, submitted_files
from performance.function_process import (
    BUCKET,
    VERSION,
    FunctionError,
    Functions,
    Package,
    functions,
    peak_mib,
)
from performance.programs import cpu_seconds_of
from performance.summary import summarize
from submission.data import write_data
from submission.keys import SubmissionKey
from submission.message import Announcement, UploadedObject
from submission.result import STATUS, Status

_STARTS = 30
_QUICK_STARTS = 2
_GRADINGS = 6
"""Of each start; the first is cold."""


class Sample(NamedTuple):
    """One start."""

    init_ms: float
    """From before the process started until it asked for the first message."""
    cold_ms: float
    """The same, until the first submission was graded."""
    cold_cpu_ms: float
    """Processor time of the function and of the sandbox's child."""
    warm_ms: float
    """Of a further grading, on average."""
    warm_cpu_ms: float
    peak_mib: float
    """Of both processes; what they share counts twice."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Start the grader many times; return medians as "grader", and summaries."""
    with functions() as place:
        package = place.grader()
        sizes = {
            "zip_bytes": package.zip_bytes,
            "unpacked_bytes": sum(f.stat().st_size for f in package.folder.rglob("*")),
        }
        _start(place, package)  # reads its files from the disk
        taken = [_start(place, package) for _ in range(_QUICK_STARTS if quick else _STARTS)]
    figures = {name: [getattr(sample, name) for sample in taken] for name in Sample._fields}
    medians = {name: round(statistics.median(values), 1) for name, values in figures.items()}
    return {
        "gradings_per_start": _GRADINGS,
        "grader": medians | sizes,
        **{name: summarize(values) for name, values in figures.items()},
    }


def _start(place: Functions, package: Package) -> Sample:
    place.objects.clear()
    place.objects.update(published_files())
    variables = {"SUBMITTER_BUCKET": BUCKET, "SUBMITTER_SANDBOX": "image"}
    cpu, ends = [], []
    with place.started(package, variables) as process:
        for key in _submissions(place):
            process.invoke(_event(key))
            ends.append(time.perf_counter())
            result = json.loads(place.objects.get(key.result_key, b"{}"))
            if result.get(STATUS) != Status.COMPLETED:
                raise FunctionError(f"{package.name} graded nothing: {process.said()}")
            processes = [process.pid, *(c.pid for c in psutil.Process(process.pid).children())]
            cpu.append(sum(map(cpu_seconds_of, processes)))
        return Sample(
            init_ms=(process.runtime.calls[0] - process.began) * 1000,
            cold_ms=(ends[0] - process.began) * 1000,
            cold_cpu_ms=cpu[0] * 1000,
            warm_ms=statistics.fmean(after - before for before, after in pairwise(ends)) * 1000,
            warm_cpu_ms=(cpu[-1] - cpu[0]) / (len(cpu) - 1) * 1000,
            peak_mib=sum(map(peak_mib, processes)),
        )


def _submissions(place: Functions) -> Iterator[SubmissionKey]:
    """Upload the example's program again and again, and yield each submission."""
    program, _ = submitted_files().values()
    for _ in range(_GRADINGS):
        key = example_key()._replace(subid=os.urandom(16).hex())
        place.objects |= {key.code_key: program, key.data_key: write_data(key, ("token",))}
        yield key


def _event(key: SubmissionKey) -> bytes:
    """Return the event with a submission's message.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    upload = UploadedObject(BUCKET, key.data_key, VERSION, None, None)
    announcement = Announcement(key, upload)
    record = {
        "messageId": key.subid,
        "body": announcement.body,
        "messageAttributes": {
            name: {"stringValue": value, "dataType": "String"}
            for name, value in announcement.attributes.items()
        },
        "eventSource": "aws:sqs",
    }
    return json.dumps({"Records": [record]}).encode()
