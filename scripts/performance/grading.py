"""Grading in a stack: from an upload to its result, and a storm of submissions of five cases.

All of it runs on this machine, the emulator too, so each part's processor time is counted.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from queue import SimpleQueue
from typing import Any

import psutil

from emulation.endpoint import forget_aws_settings
from emulation.example_course import PROBLEM, SOLUTION, publish, submitted_files
from emulation.stack import Stack, temporary_stack
from performance.storm import CLIENTS, Progress, left_over, submit_all
from performance.summary import summarize
from performance.traffic import Client, Submission, submissions
from submission.keys import RESULTS, SUBMISSIONS
from submission.result import CODE_VERSION, DATA_VERSION, FINISHED_AT, STARTED_AT, STATUS, Status

_ROUNDS = 300
_QUICK_ROUNDS = 10
_SIZE = 2_000
_QUICK_SIZE = 40
_WARM_UP_SIZE = 30
"""Enough that every grader of the emulator has started."""
_RESULT_SECONDS = 60
_PAUSE_SECONDS = 0.002
"""Between two looks for a result, which keep the emulator from its work."""
_START_SECONDS = 60
_FEWEST_PER_SECOND = 4
"""Submissions. A slower storm reaches its deadline, and counts the rest as lost."""
_LOOK_SECONDS = 0.5
_LOG_EVENTS = 100
_METRICS = '{"_aws"'
_PLATFORM = '"type": "platform.'
"""In Lambda's own lines."""

SCORES = {SOLUTION: 100, next(iter(submitted_files().values())): 75}
"""Programs for the example's problem, and what they get."""

_STEPS = ("before", "grading", "after")
"""From an upload to its result: until the grader begins, until it writes, until that is seen."""


class Part(StrEnum):
    """Processes. Summaries have these values as keys."""

    GRADER = "grader"
    """The grader without its sandbox: reads, judges and writes."""
    SANDBOX = "sandbox"
    """The grader's children, which run the programs."""
    INTAKE = "intake"
    EMULATOR = "emulator"
    CLIENTS = "clients"


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of a submission."""

    uploaded: float
    """When S3 had it, in seconds since the epoch."""
    expected: Mapping[str, object]
    """Fields that its result must have."""
    result: Mapping[str, Any] | None
    written: int
    """How many times its result was written."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Grade submissions one at a time, then a storm of them."""
    forget_aws_settings()
    rounds, size = (_QUICK_ROUNDS, _QUICK_SIZE) if quick else (_ROUNDS, _SIZE)
    with temporary_stack(print, {"grading": {}}) as stack:
        publish(stack, print)
        _storm(stack, "warm-up", _WARM_UP_SIZE)
        print("Submissions one at a time", flush=True)
        single = _one_at_a_time(stack, rounds)
        print(f"A storm of {size:,} submissions", flush=True)
        storm = _storm(stack, "storm", size) | left_over(stack)
        log_bytes = _log_bytes(stack)
    return {
        "cases": len(PROBLEM.cases),
        **single,
        "log_bytes": log_bytes,
        "clients": CLIENTS,
        "storm": storm,
    }


def account(
    began: float, cores: int, graded: Sequence[Graded], used: Mapping[Part, float]
) -> dict[str, Any]:
    """Return a storm's counts, rates, longest wait, and processor time.

    Args:
        began: when the storm began, in seconds since the epoch.
        cores: the machine's.
        graded: what became of each submission.
        used: seconds of processor time, by part.

    Returns:
        Counts: `lost` are submissions without a completed result, `wrong` have one that is not as
        expected, `duplicates` are results written again. Rates of right results per second.
        Processor time of a right result in milliseconds, and how many a core could grade a second
        by the grader's and its sandbox's.
    """
    completed = [
        (each, each.result)
        for each in graded
        if each.result and each.result.get(STATUS) == Status.COMPLETED
    ]
    right = [(each, found) for each, found in completed if each.expected.items() <= found.items()]
    ends = [_moment(found[FINISHED_AT]) for _, found in right]
    seconds = max(ends, default=began) - began
    waits = [end - each.uploaded for end, (each, _) in zip(ends, right, strict=True)]
    rate = len(right) / seconds if seconds else 0
    cpu = {part: 1000 * value / len(right) if right else 0 for part, value in used.items()}
    of_grader = cpu[Part.GRADER] + cpu[Part.SANDBOX]
    return {
        "uploaded": len(graded),
        "graded": len(right),
        "lost": len(graded) - len(completed),
        "wrong": len(completed) - len(right),
        "duplicates": sum(max(0, each.written - 1) for each in graded),
        "seconds": round(seconds, 1),
        "graded_per_s": round(rate, 1),
        "graded_per_s_and_core": round(rate / cores, 1),
        "longest_wait_s": round(max(waits, default=0), 1),
        "cpu_ms": {part: round(value, 1) for part, value in cpu.items()},
        "core_could_grade_per_s": round(1000 / of_grader, 1) if of_grader else 0,
    }


def _one_at_a_time(stack: Stack, rounds: int) -> dict[str, Any]:
    """Upload submissions and wait for each one's result; return milliseconds and their steps."""
    steps: list[dict[str, float]] = []
    gaps: list[float] = []
    before = _processor_seconds()
    with closing(Client(stack.endpoint.url)) as client:
        for submission in _submissions(stack, "single", rounds):
            client.put_py(submission)
            began = time.time()
            client.put_json(submission)
            looks, result = _look(client, submission)
            started, finished = _moment(result[STARTED_AT]), _moment(result[FINISHED_AT])
            taken = (started - began, finished - started, looks[-1] - finished)
            steps.append({name: 1000 * it for name, it in zip(_STEPS, taken, strict=True)})
            gaps += [1000 * (later - earlier) for earlier, later in pairwise(looks)]
    used = _since(before)
    slowest = max(steps, key=lambda each: sum(each.values()))
    return {
        "upload_to_result_ms": summarize([sum(each.values()) for each in steps], with_p99=True),
        "steps_ms": {
            name: round(statistics.median(each[name] for each in steps), 1) for name in _STEPS
        },
        "slowest_steps_ms": {name: round(slowest[name], 1) for name in _STEPS},
        "look_every_ms": round(statistics.median(gaps), 1),
        "cpu_ms": {part: round(1000 * value / rounds, 1) for part, value in used.items()},
    }


def _look(client: Client, submission: Submission) -> tuple[list[float], dict[str, Any]]:
    """Look for a result until it is there; return when each answer came, and the result.

    Raises:
        TimeoutError: none came.
        ValueError: it does not have its program's score.
    """
    looks: list[float] = []
    deadline = time.monotonic() + _RESULT_SECONDS
    while time.monotonic() < deadline:
        content = client.get_result(submission)
        looks.append(time.time())
        if content is not None:
            result = json.loads(content)
            if result.get("score") != SCORES[submission.code]:
                raise ValueError(f"{submission.file_name} was not graded right: {result}")
            return looks, result
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError(
        f"No result came within {_RESULT_SECONDS} s of the upload of {submission.file_name}. "
        "Stop other programs on this machine, and measure again."
    )


def _storm(stack: Stack, series: str, size: int) -> dict[str, Any]:
    """Let clients submit, wait until all is graded, and return the account."""
    taken = list(_submissions(stack, series, size))
    waiting: SimpleQueue[Submission] = SimpleQueue()
    for submission in taken:
        waiting.put(submission)
    progress = Progress()
    before, began = _processor_seconds(), time.time()
    with ThreadPoolExecutor(CLIENTS) as pool:
        uploading = [
            pool.submit(submit_all, stack.endpoint.url, waiting, progress) for _ in range(CLIENTS)
        ]
        for each in uploading:
            each.result()
    _await_results(stack, taken, began + _START_SECONDS + size / _FEWEST_PER_SECOND)
    used = _since(before)
    graded = list(_read(stack, taken, progress.uploaded))
    return account(began, os.process_cpu_count() or 1, graded, used)


def _submissions(stack: Stack, series: str, count: int) -> Iterator[Submission]:
    s3 = stack.session.client("s3")
    return submissions(s3, stack.outputs.bucket_name, series, count, tuple(SCORES))


def _await_results(stack: Stack, taken: Sequence[Submission], deadline: float) -> None:
    """Wait until each submission has a result, or the deadline has passed."""
    wanted = {each.key.result_key for each in taken}
    while time.time() < deadline:
        # Listing the bucket keeps the emulator busy, so only once the queue is empty.
        if not left_over(stack)["waiting_messages"] and wanted <= _versions(stack, RESULTS).keys():
            return
        time.sleep(_LOOK_SECONDS)


def _read(
    stack: Stack, taken: Sequence[Submission], uploaded: Mapping[str, float]
) -> Iterator[Graded]:
    """Yield what became of each submission."""
    sent, written = _versions(stack, SUBMISSIONS), _versions(stack, RESULTS)
    with closing(Client(stack.endpoint.url)) as client:
        for each in taken:
            content = client.get_result(each)
            expected = {
                DATA_VERSION: sent[each.key.data_key][0],
                CODE_VERSION: sent[each.key.code_key][0],
                "score": SCORES[each.code],
            }
            yield Graded(
                uploaded[each.file_name],
                expected,
                json.loads(content) if content else None,
                len(written.get(each.key.result_key, ())),
            )


def _versions(stack: Stack, prefix: str) -> dict[str, list[str]]:
    """Return the versions of the objects below a prefix, by their keys, from newest to oldest."""
    found: dict[str, list[str]] = {}
    pages = stack.session.client("s3").get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=stack.outputs.bucket_name, Prefix=prefix):
        for version in page.get("Versions", []):
            found.setdefault(version["Key"], []).append(version["VersionId"])
    return found


def _processor_seconds() -> dict[Part, float]:
    """Return the processor time that this process and all that it started have used, by part."""
    own = psutil.Process()
    seconds = dict.fromkeys(Part, 0.0)
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            part = Part.CLIENTS if process == own else _part(" ".join(process.cmdline()))
            seconds[part] += sum(process.cpu_times()[:2])
    return seconds


def _since(before: Mapping[Part, float]) -> dict[Part, float]:
    return {part: seconds - before[part] for part, seconds in _processor_seconds().items()}


def _part(command: str) -> Part:
    if "sandbox/child.py" in command:
        return Part.SANDBOX
    if "submission_grader." in command:
        return Part.GRADER
    return Part.INTAKE if "submission_intake." in command else Part.EMULATOR


def _log_bytes(stack: Stack) -> list[int]:
    """Return the bytes of the lines that the grader itself logs for a submission."""
    answer = stack.session.client("logs").filter_log_events(
        logGroupName=stack.outputs.grader_log_group_name, limit=_LOG_EVENTS
    )
    lines = (event["message"].strip() for event in answer["events"])
    sizes = {
        line.startswith(_METRICS): len(line.encode()) for line in lines if _PLATFORM not in line
    }
    return sorted(sizes.values())


def _moment(text: str) -> float:
    """Return a result's time, in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
