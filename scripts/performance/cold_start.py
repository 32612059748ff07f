"""Cold start: from a process's start to its first message, and the import alone.

The intake function's zip and the tutorial's handler take turns, and so do variants of the intake
function's client (`client_variants`): what was tried before the one that is kept.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from performance.function_runs.client_variants import VARIANTS
from performance.function_runs.function_start import (
    Import,
    Start,
    Surroundings,
    surroundings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROUNDS = 40
"""Starts of each side."""
_SEED = 7
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class _Samples:
    starts: Mapping[str, Sequence[Start]]
    imports: Mapping[str, Sequence[Import]]


def measure() -> dict[str, Any]:
    """Measure; see `performance/sections/cold_start.py` for what becomes of it."""
    with surroundings() as place:
        samples = _take(place, ROUNDS)
    return as_data(samples.starts, samples.imports)


def as_data(
    starts: Mapping[str, Sequence[Start]], imports: Mapping[str, Sequence[Import]]
) -> dict[str, Any]:
    """Return the samples as JSON can hold them, by what was started.

    Args:
        starts: by package; those whose name is one of `VARIANTS` are kept apart.
        imports: by package; `nothing` is Python alone.
    """

    def of(names: Iterable[str]) -> dict[str, Any]:
        return {
            name: {
                "first_message_ms": [_round(each.first_message_ms) for each in starts[name]],
                "cpu_ms": [_round(each.cpu_ms) for each in starts[name]],
            }
            for name in names
        }

    return {
        "starts": of(name for name in starts if name not in VARIANTS),
        "variants": of(name for name in VARIANTS if name in starts),
        "imports": {
            name: {
                "wall_ms": [_round(each.wall_ms) for each in taken],
                "cpu_ms": [_round(each.cpu_ms) for each in taken],
            }
            for name, taken in imports.items()
        },
    }


def _take(place: Surroundings, rounds: int) -> _Samples:
    sides = [place.intake(), place.tutorial()]
    variants = [place.variant(name) for name in VARIANTS]
    starts: dict[str, list[Start]] = defaultdict(list)
    imports: dict[str, list[Import]] = defaultdict(list)
    # Not kept: the first of each finds nothing of its files in memory, whoever comes first.
    for package in (*sides, *variants):
        place.start(package)
    # By chance, so that none has the others' wake more often than they have its own.
    order = random.Random(_SEED)  # noqa: S311 # nosec B311 - no secret
    packages, importing = [*sides, *variants], [*sides, None]
    for _ in range(rounds):
        order.shuffle(packages)
        for package in packages:
            starts[package.name].append(place.start(package))
        order.shuffle(importing)
        for side in importing:
            imports[side.name if side else "nothing"].append(place.time_import(side))
    return _Samples(starts, imports)


def _round(value: float) -> float:
    return round(value, _DECIMALS)
