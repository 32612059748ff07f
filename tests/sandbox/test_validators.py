"""Validators in Python, as packages of the format have them, and those that fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grading.problem import File
from grading.verdict import CaseResult, Verdict
from sandbox import FUEL_PER_SECOND, Sandbox
from submission_grader.ends import FailedError, FailureCause
from submission_grader.grade import grade
from submission_grader.validate import VALIDATOR_LIMITS
from unit.grading.examples import CASES, PASS_FAIL_PROBLEM
from unit.submission_grader.course import unhurried

Judge = Callable[..., CaseResult]

ANY_PAIR = """
import sys
with open(sys.argv[1]) as file:
    total = int(file.read())
with open(sys.argv[3] + "judgemessage.txt", "w") as message:
    try:
        a, b = map(int, sys.stdin.read().split())
    except ValueError:
        print("not two numbers", file=message)
        sys.exit(43)
    if a + b != total:
        print(f"{a} + {b} is not {total}", file=message)
        sys.exit(43)
sys.exit(42)
"""
FLOATS = """
import math, sys
expected = [float(word) for word in open(sys.argv[2])]
got = [float(word) for word in sys.stdin]
near = float(sys.argv[4])
same = all(math.isclose(a, b, abs_tol=near) for a, b in zip(got, expected, strict=True))
sys.exit(42 if same else 43)
"""
MESSAGES = """
import os, sys
from pathlib import Path
feedback = Path(sys.argv[3])
(feedback / "judgemessage.txt").write_text("ä", encoding="latin-1")
with open(os.path.join(sys.argv[3], "judgemessage.txt"), "a") as file:
    print(" and more", file=file)
left_open = open(f"{sys.argv[3]}teammessage.txt", "wb")
left_open.write("Think of ü\\0".encode())
assert open(feedback / "judgemessage.txt").read() == "ä and more\\n"
print("printed")
print("at once", file=sys.stderr)
sys.exit(43)
"""
PACKAGE = (
    File("__init__.py", ""),
    File(
        "__main__.py",
        "import sys\nfrom words import WORDS\nsys.exit(42 if input() in WORDS else 43)",
    ),
    File("words.py", "WORDS = open('words.txt').read().split()"),
    File("words.txt", "yes ja"),
)


@pytest.fixture
def judge(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Has a program's output of one case validated, with less fuel, so that loops end soon."""
    less = replace(VALIDATOR_LIMITS, fuel=FUEL_PER_SECOND)
    monkeypatch.setattr("submission_grader.grade.VALIDATOR_LIMITS", less)

    def judge(validator: str | tuple[File, ...], program: str, *args: str) -> CaseResult:
        files = (File("validate.py", validator),) if isinstance(validator, str) else validator
        case = replace(CASES[3], stdin="10\n", answer="0.5\n2\n", output_validator_args=args)
        problem = replace(PASS_FAIL_PROBLEM, cases=(case,), include=(), output_validator=files)
        [result] = grade(problem, program.encode(), sandbox, unhurried).results
        return result

    return judge


@pytest.mark.parametrize(
    ("program", "verdict", "message"),
    [
        ("print(4, 6)", Verdict.AC, ""),
        ("print(-90, 100)", Verdict.AC, ""),
        ("print(5, 6)", Verdict.WA, "5 + 6 is not 10\n"),
        ("print('four')", Verdict.WA, "not two numbers\n"),
        ("", Verdict.WA, "not two numbers\n"),
        ("import sys; sys.stdout.buffer.write(b'4 6\\xff')", Verdict.WA, "not two numbers\n"),
    ],
)
def test_one_of_several_answers_is_accepted(
    judge: Judge, program: str, verdict: Verdict, message: str
) -> None:
    result = judge(ANY_PAIR, program)
    assert (result.verdict, result.judge_message.text) == (verdict, message)


@pytest.mark.parametrize(("printed", "verdict"), [("0.501", Verdict.AC), ("0.52", Verdict.WA)])
def test_floats_are_compared_as_the_cases_arguments_say(
    judge: Judge, printed: str, verdict: Verdict
) -> None:
    assert judge(FLOATS, f"print({printed}); print(2)", "0.01").verdict is verdict


def test_feedback_files_are_returned_and_what_is_printed_is_for_staff(judge: Judge) -> None:
    result = judge(MESSAGES, "")
    assert result.verdict is Verdict.WA
    assert result.judge_message.text == "ä and more\nat once\nprinted\n"
    assert result.team_message.text == "Think of ü\N{SYMBOL FOR NULL}"


def test_a_validator_can_have_several_files(judge: Judge) -> None:
    assert judge(PACKAGE, "print('ja')").verdict is Verdict.AC
    assert judge(PACKAGE, "print('no')").verdict is Verdict.WA


@pytest.mark.parametrize(
    ("validator", "detail", "said"),
    [
        ("def f():\n    return {}['key']\nf()", "its exit status is 1", 'py", line 2, in f'),
        ("print('fine')", "its exit status is 0", "fine"),
        ("import sys; sys.exit('wrong')", "its exit status is 1", "wrong"),
        ("exit(42", "its exit status is 1", "SyntaxError: '(' was never closed"),
        ("while True: pass", "it was stopped: fuel", ""),
        ("while True: print('again')", "it was stopped: output", "again"),
        ("x = []\nwhile True: x.append(bytes(10**6))", "its exit status is 1", "MemoryError"),
        ("open('feedback/a', 'w').write('x' * 10**7)\nexit(42)", "it was stopped: output", ""),
        ("x = []\nfor i in range(10**6): x = [x]\ndel x", "it was stopped: trapped", ""),
        ("open('out.txt', 'w')", "its exit status is 1", "no folder to write to"),
        ("open('feedback/none')", "its exit status is 1", "FileNotFoundError"),
        ("import student", "its exit status is 1", "No module named 'student'"),
        ("import os; os.write(1, b'x')\nexit(42)", "by writing to descriptor 1", ""),
    ],
)
def test_a_validator_that_fails_is_not_the_programs_fault(
    judge: Judge, validator: str, detail: str, said: str
) -> None:
    with pytest.raises(FailedError) as failed:
        judge(validator, "print(42)")
    assert failed.value.cause is FailureCause.VALIDATOR
    assert detail in failed.value.detail
    assert said in failed.value.for_staff


def test_a_validators_traceback_begins_with_its_own_line(judge: Judge) -> None:
    with pytest.raises(FailedError) as failed:
        judge("def f():\n    1 / 0\n\nf()", "")
    assert failed.value.for_staff.splitlines() == [
        "Traceback (most recent call last):",
        '  File "validate.py", line 4, in <module>',
        "    f()",
        "    ~^^",
        '  File "validate.py", line 2, in f',
        "    1 / 0",
        "    ~~^~~",
        "ZeroDivisionError: division by zero",
    ]


def test_a_validator_that_leaves_at_once_is_heard(judge: Judge) -> None:
    assert judge("import os; os._exit(42)", "").verdict is Verdict.AC


def test_the_largest_output_is_validated(judge: Judge) -> None:
    count = "import sys; exit(42 if len(sys.stdin.read().split()) == 1 << 22 else 43)"
    program = "import sys; sys.stdout.write('1 ' * (1 << 22))"
    assert judge(count, program).verdict is Verdict.AC


def test_a_program_finds_nothing_of_its_validator(judge: Judge) -> None:
    program = "from pathlib import Path\nprint(*map(Path.exists, map(Path, {})))"
    names = ["validate.py", "data/secret/hard/2.ans", "feedback/", "data/secret/hard/2.in"]
    found = judge("exit(43)", program.format(names))
    assert found.stdout.text == "False False False False\n"
    assert judge("exit(43)", "import validate").verdict is Verdict.RTE
