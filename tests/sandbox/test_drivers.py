"""Drivers: a problem's own main program, which imports the student's."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grading.problem import File
from grading.verdict import CaseResult, Verdict
from sandbox import Sandbox
from submission_grader.grade import grade
from unit.grading.examples import CASES, PASS_FAIL_PROBLEM
from unit.submission_grader.course import unhurried

Drive = Callable[..., CaseResult]

DRIVER = """
import student
from helper import numbers
print(student.total(numbers(input())))
"""
HELPER = "def numbers(line):\n    return [int(word) for word in line.split()]\n"
TOTAL = "def total(numbers):\n    return sum(numbers)\n"


@pytest.fixture
def drive(sandbox: Sandbox) -> Drive:
    """Grades a program that a driver imports."""

    def drive(program: str, driver: str = DRIVER) -> CaseResult:
        case = replace(CASES[3], stdin="40 2\n")
        files = (File("__main__.py", driver), File("helper.py", HELPER))
        problem = replace(PASS_FAIL_PROBLEM, cases=(case,), include=files)
        [result] = grade(problem, program.encode(), sandbox, unhurried).results
        return result

    return drive


@pytest.mark.parametrize(
    ("program", "verdict", "stdout"),
    [
        (TOTAL, Verdict.AC, "42\n"),
        (f"{TOTAL}if __name__ == '__main__':\n    print('alone')\n", Verdict.AC, "42\n"),
        (f"from helper import numbers as mine\n{TOTAL}", Verdict.AC, "42\n"),
        (f"numbers = input = print = student = None\n{TOTAL}", Verdict.AC, "42\n"),
        # What the program prints, and where it ends, counts as if there were no driver.
        (f"print('hello')\n{TOTAL}", Verdict.WA, "hello\n42\n"),
        (f"{TOTAL}import sys; sys.exit()", Verdict.WA, ""),
        (f"{TOTAL}import sys; sys.exit(3)", Verdict.RTE, ""),
        ("print(42)\nimport os; os._exit(0)", Verdict.WA, ""),
        ("print(42, flush=True)\nimport os; os._exit(0)", Verdict.AC, "42\n"),
        (f"import builtins; builtins.print = None\n{TOTAL}", Verdict.RTE, ""),
        ("total = 1", Verdict.RTE, ""),
    ],
)
def test_a_driver_imports_the_program(
    drive: Drive, program: str, verdict: Verdict, stdout: str
) -> None:
    result = drive(program)
    assert (result.verdict, result.stdout.text) == (verdict, stdout)


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        ("def total(numbers)\n    return 0", ['File "student.py", line 1', "expected ':'"]),
        (
            "def total(numbers):\n    return numbers.sum()\n",
            ['File "main.py", line 4', 'File "student.py", line 2, in total', "numbers.sum()"],
        ),
        ("import numpy", ['File "student.py", line 1', "import numpy", "so no numpy."]),
        ("# coding: martian", ["unknown encoding: martian"]),
        ("open('none.txt')", ['File "student.py", line 1', "open('none.txt')", "No such file"]),
        ("", ["module 'student' has no attribute 'total'"]),
    ],
)
def test_an_error_shows_the_programs_line(drive: Drive, program: str, lines: list[str]) -> None:
    result = drive(program)
    assert result.verdict is Verdict.RTE
    for line in lines:
        assert line in result.stderr.text
    # No frames of the interpreter's own modules, which are in folders.
    assert 'File "/' not in result.stderr.text


def test_a_driver_can_run_the_program_as_main_with_what_it_likes(drive: Drive) -> None:
    driver = (
        "import runpy, sys\n"
        "sys.argv[1:] = ['41']\n"
        "runpy.run_module('student', run_name='__main__')\n"
    )
    program = "import sys\nif __name__ == '__main__':\n    print(int(sys.argv[1]) + 1)\n"
    assert drive(program, driver).verdict is Verdict.AC
