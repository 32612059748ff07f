"""Grades programs in parallel, each in a sandbox of this machine."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from queue import SimpleQueue
from threading import Event
from typing import Protocol, Self

import build_sandbox
from grading.problem import File, Problem
from sandbox import Limits, Outcome, Sandbox
from submission_grader.ends import FailedError
from submission_grader.grade import STUDENT, Grade, Runner, grade
from submitter.errors import SubmitterError

type Job[R] = Callable[[Runner], R]
"""Something to do with a sandbox."""

PYTHON = build_sandbox.ROOT / ".venv-sandbox" / "bin" / "python"
"""The interpreter that has what the sandbox needs."""
_COMPONENTS = "*.wasm"
_OTHER_PROGRAMS = frozenset({"__main__.py", "main.py", STUDENT})
"""A program's own files of these names would be taken for the problem's driver, or its program."""
_UNHURRIED_SECONDS = 1e6
"""A busy machine must not look like a slow program."""


class OwnedRunner(Runner, Protocol):
    """A sandbox, and what ends it."""

    def close(self) -> None:
        """End what it runs."""


def grade_program(
    problem: Problem, program: bytes, files: Mapping[str, str], runner: Runner
) -> Grade | FailedError:
    """Grade a program as the function does, but without its timeout.

    Args:
        problem: what to grade it with.
        program: its source.
        files: what lies beside it; the problem's own files replace those of the same name.
        runner: the sandbox.

    Returns:
        The grade, or why the judge failed.
    """
    if files:
        beside = {name: text for name, text in files.items() if name not in _OTHER_PROGRAMS}
        beside |= {file.name: file.text for file in problem.include}
        include = tuple(File(name, beside[name]) for name in sorted(beside))
        problem = replace(problem, include=include)
    try:
        return grade(problem, program, runner, lambda: _UNHURRIED_SECONDS)
    except FailedError as error:
        return error


class Sandboxes:
    """Sandboxes for as many programs at once. Use it as a context manager."""

    def __init__(self, runners: Sequence[OwnedRunner]) -> None:
        """Own sandboxes."""
        self._runners = runners
        self._free: SimpleQueue[OwnedRunner] = SimpleQueue()
        self._stopped = Event()
        for runner in runners:
            self._free.put(runner)

    @classmethod
    def of_this_machine(cls, most: int) -> Self:
        """Make one for each core, but no more than ``most``.

        Raises:
            SubmitterError: the sandbox is not built.
        """
        image = build_sandbox.image_folder()
        if not any(image.glob(_COMPONENTS)) or not PYTHON.exists():
            raise SubmitterError("The sandbox is not built. Build it: make sandbox")
        count = max(1, min(os.process_cpu_count() or 1, most))
        return cls([Sandbox(image, PYTHON) for _ in range(count)])

    def __enter__(self) -> Self:
        """Return the sandboxes; each starts with its first run."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what they run, and let no run begin any more."""
        self._stopped.set()
        for runner in self._runners:
            runner.close()

    def do[R](self, jobs: Iterable[Job[R]], on_progress: Callable[[int], object]) -> list[R]:
        """Do jobs, as many at once as there are sandboxes.

        Args:
            jobs: what to do.
            on_progress: gets the number of jobs done.

        Returns:
            What each returned, in the order of the jobs.
        """
        with ThreadPoolExecutor(len(self._runners)) as pool:
            futures = [pool.submit(self._do, job) for job in jobs]
            try:
                for done, _ in enumerate(as_completed(futures), 1):
                    on_progress(done)
            except BaseException:
                # The threads, for which the pool waits, end only if their runs do.
                self.__exit__()
                raise
        return [future.result() for future in futures]

    def _do[R](self, job: Job[R]) -> R:
        runner = self._free.get()
        try:
            return job(_Stoppable(runner, self._stopped))
        finally:
            self._free.put(runner)


class _Stoppable:
    """A sandbox in which no run begins once this is stopped: it would start a new child."""

    def __init__(self, runner: Runner, stopped: Event) -> None:
        self._runner = runner
        self._stopped = stopped

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes],
        argv: Sequence[str],
        stdin: bytes,
        limits: Limits,
    ) -> Outcome:
        """Run a program; see `sandbox.Sandbox.run`."""
        if self._stopped.is_set():
            raise InterruptedError
        return self._runner.run(program, files, argv, stdin, limits)
