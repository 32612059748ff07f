# %% large text -> memory
x = " " * 10**9

# %% list of texts -> memory
x = []
while True: x.append(" " * 100_000)

# %% lists -> memory
x = []
while True: x.append([0] * 10_000)

# %% number -> memory
x = 1
while True: x <<= x.bit_length()

# %% file in memory -> memory
import io
f = io.BytesIO()
while True: f.write(bytes(1 << 20))

# %% seeks far -> failed: SystemError: Negative size passed to PyBytes_FromStringAndSize
import io
f = io.BytesIO()
f.seek(2**31 - 2)
f.write(b"x")

# %% bytearray -> memory
x = bytearray()
while True: x += bytes(len(x) or 1)

# %% array -> memory
import array
x = array.array("d", [0])
while True: x.extend(x)

# %% dict -> memory
x = {}
while True: x[len(x), "x" * 10_000] = None

# %% deque -> memory
import collections
x = collections.deque()
while True: x.append(bytes(1000))

# %% attributes -> memory
class C: pass
while True: setattr(C, f"a{len(C.__dict__)}" + "x" * 10_000, None)

# %% cycles that can't be collected -> memory
import gc
gc.disable()
while True:
    x = [bytes(10_000)]
    x.append(x)

# %% tracebacks -> memory
kept = []
def f(n):
    big = bytes(1000)
    return f(n - 1) if n else 1 / 0
while True:
    try: f(500)
    except ZeroDivisionError as e: kept.append(e)

# %% generators -> memory
def g(x=None):
    y = bytes(5000)
    yield y
kept = []
while True:
    kept.append(g())
    next(kept[-1])

# %% interned names -> memory
import sys
kept = []
while True: kept.append(sys.intern(f"{len(kept)}" + "x" * 10_000))

# %% formatting -> memory
f"{1:>{10**9}}"

# %% percent -> memory
"%*d" % (2**31 - 1, 1)

# %% decompression -> failed: MemoryError
import zlib
zlib.decompress(zlib.compress(bytes(1 << 20)), bufsize=10**9)

# %% xml entities -> fuel
import xml.etree.ElementTree as tree
lines = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(12))
tree.fromstring(f'<!DOCTYPE x [<!ENTITY a0 "lol">{lines}]><x>&a12;</x>')

# %% json -> memory
import json
json.loads("[" + "1.5," * 5_000_000 + "1]")

# %% product -> memory
import itertools
list(itertools.product((0, 1), repeat=10_000))

# %% range that is too long -> failed: OverflowError
[0] * 10**10

# %% caught, and goes on -> exited: caught
x = []
try:
    while True: x.append(bytes(100_000))
except MemoryError:
    del x
print("caught")

# %% catches it for ever -> fuel
x = []
while True:
    try: x.append(bytes(1 << 20))
    except MemoryError: pass

# %% raised by hand -> memory
raise MemoryError

# %% at exit -> exited: MemoryError
import atexit
@atexit.register
def f():
    x = []
    while True: x.append(bytes(1 << 20))

# %% in the exception's text -> failed: exception str() failed
class E(Exception):
    def __str__(self): return "x" * 10**9
raise E

# %% in one instruction -> memory
(1,) * 10**8

# %% sqlite -> memory
import sqlite3
sqlite3.connect(":memory:").execute("select zeroblob(900000000)").fetchall()

# %% down to the last bytes -> memory
x = []
for size in (1 << 20, 1 << 16, 1 << 12, 1 << 8, 1 << 4):
    try:
        while True: x.append(bytes(size))
    except MemoryError: pass
raise MemoryError
