"""Cold start: from the start of a function's process to its first message.

Compares the intake function, the tutorial's handler, and the intake function with boto3's client
in place of `sqs_client`, in turns.
"""

import random
from collections import defaultdict
from typing import Any

from performance.function_process import Runs, functions
from performance.summary import ratio, summarize

_ROUNDS = 40
_QUICK_ROUNDS = 2
_SEED = 7
_FIGURES = ("first_message_ms", "cpu_ms", "peak_mib")


def measure(*, quick: bool) -> dict[str, Any]:
    """Start each function many times; return summaries, and ratios to the tutorial's handler."""
    runs: dict[str, list[Runs]] = defaultdict(list)
    with functions() as place:
        packages = [place.intake(), place.tutorial(), place.intake_with_boto3()]
        zip_bytes = {package.name: package.zip_bytes for package in packages}
        # Not counted: the first start of each reads its files from the disk.
        for package in packages:
            place.run(package)
        order = random.Random(_SEED)  # noqa: S311 - no secret
        for _ in range(_QUICK_ROUNDS if quick else _ROUNDS):
            # In random order, so that none always runs after the same other one.
            order.shuffle(packages)
            for package in packages:
                runs[package.name].append(place.run(package))
    samples = {
        figure: {name: [getattr(run, figure) for run in taken] for name, taken in runs.items()}
        for figure in _FIGURES
    }
    return {
        **{
            figure: {name: summarize(values) for name, values in by_name.items()}
            for figure, by_name in samples.items()
        },
        "zip_bytes": {name: zip_bytes[name] for name in ("intake", "tutorial")},
        "to_tutorial": {
            figure: ratio(by_name["intake"], by_name["tutorial"])
            for figure, by_name in samples.items()
        },
        "boto3_to_intake": {
            figure: ratio(by_name["intake_with_boto3"], by_name["intake"])
            for figure, by_name in samples.items()
        },
    }
