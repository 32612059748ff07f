# %% prints for ever -> output
while True: print("x" * 99)

# %% to stderr for ever -> output
import sys
while True: sys.stderr.write("x" * 99)

# %% by descriptor -> output
import os
while True: os.write(1, b"x" * 99)

# %% catches the error -> output
while True:
    try: print("x" * 99, flush=True)
    except BaseException: pass

# %% in one piece -> output
print("x" * 1_000_000)

# %% a character at a time -> output
import sys
while True:
    sys.stdout.write("x")
    sys.stdout.flush()

# %% one byte more than allowed -> output
print("x" * 10_000)

# %% as much as allowed -> exited
print("x" * 9_999)

# %% tracebacks for ever -> output
import traceback
while True:
    try: 1 / 0
    except ZeroDivisionError: traceback.print_exc()

# %% warnings for ever -> output
import warnings
while True: warnings.warn(f"{id(object())}", stacklevel=1) or warnings.resetwarnings()

# %% log for ever -> output
import logging
while True: logging.error("x" * 99)

# %% at exit -> output
import atexit
@atexit.register
def f():
    while True: print("x" * 99)

# %% the exception's text -> output
raise ValueError("x" * 100_000)

# %% the message of sys.exit -> output
import sys
sys.exit("x" * 100_000)

# %% notes of an exception -> output
e = ValueError()
for i in range(1000): e.add_note("x" * 99)
raise e

# %% chain of exceptions -> output
def f(n):
    try: 1 / 0
    finally:
        if n: f(n - 1)
f(200)

# %% exception group -> output
raise ExceptionGroup("x", [ValueError("x" * 999) for _ in range(100)])

# %% by a new stream -> output
import io
raw = io.FileIO(1, "w", closefd=False)
while True: raw.write(b"x" * 99)

# %% by the dumps of the help -> output
import pydoc
while True: print(pydoc.render_doc(str))

# %% by a finalizer -> output
import sys
class D:
    def __del__(self, write=sys.stdout.write):
        for _ in range(1000): write("x" * 99)
D()

# %% from audit hooks -> output
import sys
sys.addaudithook(lambda *a: print("x" * 99))
while True: compile("1", "", "eval")

# %% escapes, which are longer -> output
import sys
sys.stderr.write("\ud800" * 5000)

# %% nothing but NUL -> exited
import sys
sys.stdout.buffer.write(bytes(9_999))

# %% terminal's control sequences -> exited
print("\x1b[2J\x1b]0;title\x07\x9b31m")
