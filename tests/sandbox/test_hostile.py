"""A hostile program ends as what it is; `run` shows that the next one runs as ever."""

from collections.abc import Callable

import pytest

from sandbox import End, Limits, Outcome

Run = Callable[..., Outcome]

NO_NETWORK = b"The sandbox has no network"
HOSTILE = {
    "socket": ("import socket; socket.socket()", NO_NETWORK),
    "connection": ("import socket; socket.create_connection(('127.0.0.1', 9001))", NO_NETWORK),
    "name": ("import socket; socket.getaddrinfo('localhost', 80)", NO_NETWORK),
    "web": ("import urllib.request as r; r.urlopen('http://127.0.0.1/')", NO_NETWORK),
    "fork": ("import os; os.fork()", b"no attribute 'fork'"),
    "subprocess": ("import subprocess; subprocess.run(['ls'])", b"does not support processes"),
    "system": ("import os; os.system('ls')", b"Error"),
    "thread": ("import threading as t; t.Thread(target=print).start()", b"can't start new thread"),
    "pool": ("import multiprocessing; multiprocessing.Pool()", b"Error"),
    "numpy": ("import numpy", b"No module named 'numpy'\nThe sandbox has only Python's standard"),
    "part of numpy": ("from scipy.stats import norm", b"so no scipy."),
    "ctypes": ("import ctypes", b"The sandbox has no ctypes."),
    "tkinter": ("import turtle", b"The sandbox has no tkinter."),
    "memory of the process": ("open('/proc/self/mem', 'rb')", b"No such file"),
    "environment of the process": ("open('/proc/self/environ')", b"No such file"),
    "folder": ("import os; os.listdir('/')", b"No such file"),
    "folder by descriptor": ("import os; os.listdir(3)", b"Error"),
    "file by the system": ("import os; os.open('/etc/passwd', 0)", b"No such file"),
    "original open": ("from substitutes import _open; _open('/etc/passwd')", b"No such"),
    "file by io": ("import _io; _io.open('/etc/passwd')", b"No such file"),
    "path that goes up": ("open('../../etc/passwd')", b"No such file"),
    "writing": ("open('out.txt', 'w')", b"The sandbox has no folder to write to"),
    "temporary file": ("import tempfile; tempfile.TemporaryFile()", b"No usable temporary"),
    "recursion": ("def f(): f()\nf()", b"RecursionError"),
    "recursion in repr": ("x = []\nx.append(x)\nfor i in range(10**5): x = [x]\nrepr(x)", b"Error"),
    "surrogate": ("print('\\ud800')", b"surrogates not allowed"),
    "signal": ("import signal, os; os.kill(os.getpid(), 9)", b"Error"),
}  # fmt: skip


@pytest.mark.parametrize(("program", "message"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_denied_is_an_error_with_a_message(run: Run, program: str, message: bytes) -> None:
    outcome = run(program)

    assert (outcome.end, outcome.status) == (End.FAILED, 1)
    assert message in outcome.stderr


TRAPS = {
    "frees a deep list": "x = []\nfor i in range(10**6): x = [x]\ndel x",
    "no recursion limit": "import sys; sys.setrecursionlimit(2**31 - 1)\ndef f(): f()\nf()",
    "abort": "import os; os.abort()",
    "code that is none": "(lambda: 0).__code__.replace(co_code=bytes(range(256)) * 9)\n"
    "exec((lambda: 0).__code__.replace(co_code=b'\\xff\\xff' * 99))",
    "stack of the compiler": "eval('-' * 10**6 + '1')",
    "interpreter's own": "import sys\nsys.modules.clear()\nimport os",
    "frames": "import gc\nfor o in gc.get_objects():\n if isinstance(o, dict): o.clear()",
}


@pytest.mark.parametrize("program", TRAPS.values(), ids=TRAPS)
def test_what_breaks_the_interpreter_is_the_programs_own_end(run: Run, program: str) -> None:
    outcome = run(program, limits=Limits(fuel=1 << 40))

    assert outcome.end in {End.TRAPPED, End.FAILED, End.MEMORY, End.EXITED}


def test_deep_list_traps_and_a_shallower_one_does_not(run: Run) -> None:
    assert run(TRAPS["frees a deep list"]).end == End.TRAPPED
    assert run(TRAPS["frees a deep list"].replace("10**6", "10**5")).end == End.EXITED
    assert run(TRAPS["no recursion limit"]).detail == "wasm trap: call stack exhausted"


def test_sockets_are_also_denied_by_the_host(run: Run) -> None:
    for kind in ("SOCK_STREAM", "SOCK_DGRAM"):
        outcome = run(f"import _socket as s; s.socket(s.AF_INET, s.{kind})")
        assert (outcome.end, outcome.detail) == (End.TRAPPED, "not in the sandbox")
    outcome = run("import _socket; _socket.getaddrinfo('localhost', 80)")
    assert (outcome.end, outcome.status) == (End.FAILED, 1)


def test_nothing_of_the_host_is_visible(run: Run) -> None:
    outcome = run(
        "import os, sys, platform\n"
        "print(dict(os.environ), os.getcwd(), sys.path, os.getpid(), platform.node(), sys.argv)\n"
        "print([fd for fd in range(100) if not isinstance(os.fstat(fd), OSError)])"
    )

    assert outcome.stdout.startswith(b"{} / [] 42 ")
    assert outcome.stdout.count(b"\n") == 1


@pytest.mark.parametrize(
    "poison",
    [
        "import builtins, sys; builtins.print = builtins.input = None; sys.modules['os'] = None",
        "import program, library\nprogram.run_program = None; library.Library.find_spec = None",
        "import sys; sys.meta_path.clear(); sys.stdin.close(); sys.setrecursionlimit(50)",
        "import substitutes\nsubstitutes.files['driver.py'] = b'evil'",
        "import app; app.WitWorld.run = lambda *a: None",
        "import random; random.seed(1); random.random = lambda: 0",
    ],
)
def test_no_run_changes_the_next(run: Run, poison: str) -> None:
    honest = "import random, os, driver; print(random.random(), driver.X, os.sep)"
    files = {"driver.py": b"X = 1"}
    before = run(honest, files=files)

    assert run(poison, files=files).end == End.EXITED
    after = run(honest, files=files)

    assert (before.end, before.stdout) == (End.EXITED, b"0.8444218515250481 1 /\n")
    assert (after.end, after.stdout, after.fuel) == (before.end, before.stdout, before.fuel)


def test_forged_report_changes_only_how_the_own_end_is_called(run: Run) -> None:
    forged = run("import wit_world; wit_world.exit(0)")
    none = run("import wit_world; wit_world.Report = None")
    wrong = run("import program; program._finish = lambda status: 'not a status'")

    assert (forged.end, forged.status) == (End.EXITED, 0)
    assert (none.end, wrong.end) == (End.TRAPPED, End.TRAPPED)
