"""What a program finds, and how it ends, is what it knows from CPython on Linux."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import End, Outcome

Run = Callable[..., Outcome]
EXAMPLE = Path(__file__).resolve().parents[2] / "scripts" / "emulation" / "example"


def test_example_submission_runs(run: Run) -> None:
    [program] = EXAMPLE.glob("*.py")
    outcome = run(program.read_bytes(), stdin=b"3\n4\n")

    assert (outcome.end, outcome.status) == (End.EXITED, 0)
    assert (outcome.stdout, outcome.stderr) == (b"7\n", b"")


def test_program_gets_arguments_input_and_files(run: Run) -> None:
    outcome = run(
        "import sys, driver\n"
        "print(sys.argv, input(), sys.stdin.read(), driver.ANSWER, __name__)\n"
        "print(open('data/points.txt').read(), open('./data/points.txt', 'rb').read())\n"
        "from pathlib import Path\n"
        "print(Path('data/points.txt').read_text(encoding='latin-1'))\n"
        "print([Path(name).exists() for name in ('data/points.txt', 'driver.py', 'none', '/')])",
        files={"driver.py": b"ANSWER = 42", "data/points.txt": "é".encode()},
        argv=["a b", "", "ü😀"],
        stdin="line ü\nrest\x00\n".encode(),
    )

    assert outcome.stdout.decode().splitlines() == [
        "['main.py', 'a b', '', 'ü😀'] line ü rest\x00",
        " 42 __main__",
        r"é b'\xc3\xa9'",
        "Ã©",
        "[True, True, False, False]",
    ]


@pytest.mark.parametrize(
    ("program", "status", "stderr"),
    [
        ("", 0, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit(True)", 1, ""),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit(256)", 0, ""),
        ("import sys; sys.exit(10**30)", 255, ""),
        ("import sys; sys.exit('no')", 1, "no\n"),
        ("raise SystemExit(4)", 4, ""),
        ("import os; os._exit(7)", 7, ""),
        ("import os; os._exit(-1)", 255, ""),
        ("class E:\n def __str__(self): raise ValueError\nimport sys; sys.exit(E())", 1, ""),
        ("class I(int):\n def __and__(s, o): return 9\nimport sys; sys.exit(I(2))", 2, ""),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("import atexit, sys; atexit.register(print, 'x', file=sys.stderr)", 0, "x\n"),
        ("import sys; sys.stdout.close()", 0, ""),
        ("import sys; sys.stdout.close(); print('x')", 1, "I/O operation on closed file"),
        ("import sys; sys.stdout = None; print('x')", 0, ""),
        ("import os; os.close(1); print('x')", 120, ""),
        ("import sys; sys.excepthook = None; 1/0", 1, "ZeroDivisionError"),
        ("import sys; sys.stderr = None; 1/0", 1, ""),
    ],
)
def test_exit_status_is_cpythons(run: Run, program: str, status: int, stderr: str) -> None:
    outcome = run(program)

    assert (outcome.end, outcome.status) == (End.FAILED if status else End.EXITED, status)
    assert stderr in outcome.stderr.decode()
    assert stderr or not outcome.stderr


def test_traceback_shows_the_programs_lines_and_no_others(run: Run) -> None:
    outcome = run("def f():\n    return 1 / 0\n\nf()")

    assert outcome.stderr.decode().splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 4, in <module>',
        "    f()",
        "    ~^^",
        '  File "main.py", line 2, in f',
        "    return 1 / 0",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
    ]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"x =", 'File "main.py", line 1\n    x =\n'),
        (b"print('a\x00b')", "source code string cannot contain null bytes"),
        ("print(1)".encode("utf-16"), "source code string cannot contain null bytes"),
        (b"print('\xff')", "(unicode error)"),
        (b'{"cells": [], "metadata": {"a": null}}', "name 'null' is not defined"),
        (b"# coding: martian\n", "unknown encoding: martian"),
        (b"(" * 150 + b")" * 150, "source too complex to parse"),
        (b"x = " + b"-" * 100_000 + b"1", "Error"),
    ],
    ids=range(8),
)
def test_source_that_is_no_program_is_said_to_be_none(
    run: Run, program: bytes, message: str
) -> None:
    outcome = run(program)

    assert (outcome.end, outcome.status, outcome.stdout) == (End.FAILED, 1, b"")
    assert message in outcome.stderr.decode()


@pytest.mark.parametrize(
    ("program", "stdout"),
    [
        (b"print('\xc3\xa4\xe2\x82\xac', ascii('\xf0\x9f\x98\x80'))", "ä€ '\\U0001f600'\n"),
        (b"# coding: latin-1\nprint('\xe4')", "ä\n"),
        (b"\xef\xbb\xbfprint('bom')", "bom\n"),
        (b"print('a\\0b')", "a\x00b\n"),
        (b"print(1)\r\nprint(2)\r\n", "1\n2\n"),
        (b"(" * 90 + b"print(1)" + b")" * 90, "1\n"),
    ],
)
def test_source_may_have_any_encoding_of_python(run: Run, program: bytes, stdout: str) -> None:
    assert run(program).stdout.decode() == stdout


def test_own_modules_come_before_the_librarys(run: Run) -> None:
    files = dict.fromkeys(("random.py", "program.py", "new.py"), b"X = 'own'")
    outcome = run("import random, program, new; print(random.X, program.X, new.X)", files=files)

    assert outcome.stdout == b"own own own\n"


ZONES = """
import datetime, zoneinfo
summer = datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
print(summer.utcoffset(), len(zoneinfo.available_timezones()) > 400)
"""
TASKS = """
import asyncio
async def one():
    await asyncio.sleep(30)
    return "done"
async def both():
    return await asyncio.gather(one(), one())
print(asyncio.run(both()))
"""
CLOCKS = """
import time
before = time.monotonic(), time.time()
time.sleep(50)
print([after - start >= 50 for start, after in zip(before, (time.monotonic(), time.time()))])
"""
UNITTEST = """
import unittest
class Test(unittest.TestCase):
    def test(self): pass
print(unittest.main(exit=False).result.wasSuccessful())
"""
REDIRECTED = """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as text:
    print("x")
print(repr(text.getvalue()))
"""


@pytest.mark.parametrize(
    ("program", "stdout"),
    [
        (ZONES, "2:00:00 True"),
        (TASKS, "['done', 'done']"),
        (CLOCKS, "[True, True]"),
        (UNITTEST, "True"),
        (REDIRECTED, r"'x\n'"),
        ("import random; print(random.random())", "0.8444218515250481"),
        ("import sqlite3; print(*sqlite3.connect(':memory:').execute('select 6 * 7'))", "(42,)"),
        ("import logging; logging.warning('x'); print(1)", "1"),
        ("import pickle as p, fractions; print(p.loads(p.dumps(fractions.Fraction(1, 2))))", "1/2"),
        ("def f(n): return n and f(n - 1)\nprint(f(900))", "0"),
    ],
    ids=range(10),
)
def test_standard_library_is_there(run: Run, program: str, stdout: str) -> None:
    outcome = run(program)

    assert outcome.stdout.decode() == f"{stdout}\n"


MISSING = {
    *("bz2", "ctypes", "curses", "ensurepip", "fcntl", "grp", "idlelib", "lzma", "mmap", "msvcrt"),
    *("nt", "pty", "pwd", "readline", "resource", "ssl", "syslog", "termios", "tkinter", "tty"),
    *("turtle", "turtledemo", "venv", "winreg", "winsound"),
}


def test_every_other_module_of_the_standard_library_is_there(run: Run) -> None:
    outcome = run(
        "import importlib, sys\n"
        "for name in sys.stdlib_module_names:\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError: print('missing', name)"
    )

    lines = outcome.stdout.decode().splitlines()
    missing = {line.split()[1] for line in lines if line.startswith("missing ")}
    assert {name for name in missing if not name.startswith("_")} == MISSING
