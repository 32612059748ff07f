"""How long a developer waits for each command, and for what."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET  # nosec B405 - of what pytest has just written
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from time import monotonic

from embedded_aws.project import ROOT
from embedded_aws.tether import tethered

_PROGRESS = re.compile(r"^ *([0-9.]+) s  (.*)$", re.MULTILINE)
_RESOURCE = re.compile(r"^  (\S+) \(([0-9.]+) s\)$")
_SLOW = re.compile(r"^([0-9.]+)s (setup|call|teardown) +(\S+)", re.MULTILINE)
_LINTS = re.compile(r"^LINTS := ((?:.*\\\n)*.*)$", re.MULTILINE)
_SHOWN = 6
_TOLD = 3000
"""Characters of a failed command's output."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a wait."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """One command's."""

    command: str
    wall_seconds: float
    cpu_seconds: float
    """Of all its processes together; two cores have two for each second."""
    parts: tuple[Part, ...]
    """One after the other, or beside each other where `parallel`; the longest first."""
    parallel: bool
    provider_seconds: float | None = None
    """What the AWS provider itself waits for, where it can be told apart."""
    setup_seconds: float | None = None
    """Of tests: what it took to set them up, added up."""


def measure() -> Mapping[str, object]:
    """Run each command once, and tell what it waited for.

    Raises:
        subprocess.CalledProcessError: one failed.
    """
    return {"waits": [asdict(wait) for wait in _waits()]}


def _waits() -> Iterator[Wait]:
    output, wall, cpu = _run("demo")
    parts, provider = demo_parts(output)
    yield Wait("make demo", wall, cpu, parts, parallel=False, provider_seconds=provider)

    names = _lint_names((ROOT / "Makefile").read_text())
    parts = _longest(Part(name, _run(name)[1]) for name in names)
    _, wall, cpu = _run("lint")
    checks = [Wait("make lint", wall, cpu, parts, parallel=True)]
    checks += [_suite(suite) for suite in ("test-unit", "test-plan", "test-stacks")]
    yield Wait(
        "make test",
        round(sum(check.wall_seconds for check in checks), 1),
        round(sum(check.cpu_seconds for check in checks), 1),
        tuple(Part(check.command, check.wall_seconds) for check in checks),
        parallel=False,
    )
    yield from checks


def _suite(target: str) -> Wait:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = f"--durations=0 --junit-xml={report}"
        output, wall, cpu = _run(target, PYTEST_ADDOPTS=options)
        sums = suite_sums(report.read_text(encoding="utf-8")) if report.exists() else ()
    phases = slowest(output)
    setups = round(sum(part.seconds for part in phases if part.what.startswith("setup ")), 1)
    parts = (*(sums if len(sums) > 1 else ()), *phases[:_SHOWN])
    return Wait(f"make {target}", wall, cpu, parts, parallel=True, setup_seconds=setups or None)


def demo_parts(output: str) -> tuple[tuple[Part, ...], float]:
    """Tell the steps of `make demo` apart.

    Args:
        output: what it printed: each step's begin, with the seconds since the start.

    Returns:
        The steps in their order, and the seconds of the resource that takes longest, which are
        the provider's own wait: all else runs beside it.
    """
    steps: list[tuple[float, str]] = []
    provider = 0.0
    for seconds, text in _PROGRESS.findall(output):
        created = _RESOURCE.match(text)
        if created:
            provider = max(provider, float(created[2]))
        elif not text.startswith("  "):
            steps.append((float(seconds), text))
    parts = (
        Part(text.partition(" (")[0], round(end - begin, 1))
        for (begin, text), (end, _) in pairwise(steps)
    )
    return tuple(parts), provider


def suite_sums(report: str) -> tuple[Part, ...]:
    """Return the seconds of each suite's tests, one after the other, the longest first.

    Args:
        report: pytest's, as JUnit's XML.
    """
    sums: dict[str, float] = defaultdict(float)
    for case in ET.fromstring(report).iter("testcase"):  # nosec B314 # noqa: S314 - pytest's own
        _, suite, *_ = case.attrib["classname"].split(".")
        sums[f"tests/{suite}"] += float(case.attrib["time"])
    return _longest(Part(suite, round(seconds, 1)) for suite, seconds in sums.items())


def slowest(output: str) -> tuple[Part, ...]:
    """Return the slowest phases of tests that pytest names, the longest first."""
    return _longest(
        Part(f"{phase} of {test.rpartition('/')[2]}", float(seconds))
        for seconds, phase, test in _SLOW.findall(output)
    )


def _longest(parts: Iterator[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: -part.seconds))


def _lint_names(makefile: str) -> tuple[str, ...]:
    lints = _LINTS.search(makefile)
    if lints is None:
        raise ValueError("The Makefile has no list of LINTS: say here where it is now.")
    return tuple(lints[1].replace("\\\n", " ").split())


def _run(target: str, **variables: str) -> tuple[str, float, float]:
    """Run a target; return what it printed, and its seconds of time and of all its processors."""
    environment = {**os.environ, **variables}
    for inherited in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(inherited, None)
    print(f"  make {target}", flush=True)
    before, start = _cpu_seconds(), monotonic()
    command = [shutil.which("make") or "make", target]
    with tethered(command, cwd=ROOT, env=environment) as process:
        output = process.stdout.read() if process.stdout else ""
        code = process.wait()
    seconds, cpu = monotonic() - start, _cpu_seconds() - before
    if code:
        raise subprocess.CalledProcessError(code, command, output[-_TOLD:])
    return output, round(seconds, 1), round(cpu, 1)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
