# %% loop -> fuel
while True: pass

# %% calls -> fuel
def f(n): return f(n - 1) + f(n - 2) if n > 1 else 0
f(500)

# %% one large power -> fuel
7 ** 7 ** 9

# %% one long sum -> fuel
sum(range(10**12))

# %% pattern that tries everything -> fuel
import re
re.match("(a+)+$", "a" * 60 + "b")

# %% two sets of backreferences -> fuel
import re
re.match(r"(.*)(.*)(.*)(.*)\4\3\2\1$x", "ab" * 500)

# %% catches everything -> fuel
while True:
    try:
        while True: pass
    except BaseException: pass

# %% generator without end -> fuel
list(x for x in iter(int, 1))

# %% itertools without end -> fuel
import itertools
for _ in itertools.cycle([1]): pass

# %% one call into itertools without end -> fuel
import collections, itertools
collections.deque(itertools.repeat(0), maxlen=0)

# %% at exit -> fuel
import atexit
@atexit.register
def f():
    while True: pass

# %% in a finalizer -> fuel
class D:
    def __del__(self):
        while True: pass
D()

# %% finalizer that makes another -> exited: RecursionError
class D:
    def __del__(self): D()
D()

# %% in the exception hook -> fuel
import sys
def hook(*_):
    while True: pass
sys.excepthook = hook
1 / 0

# %% in the exception's text -> fuel
class E(Exception):
    def __str__(self):
        while True: pass
raise E

# %% in the text of sys.exit's argument -> fuel
import sys
class E:
    def __str__(self):
        while True: pass
sys.exit(E())

# %% in the last flush -> fuel
import sys
class Out:
    closed = False
    def flush(self):
        while True: pass
sys.stdout = Out()

# %% in a comparison -> fuel
class C:
    def __lt__(self, _):
        while True: pass
sorted([C(), C()])

# %% in a hash -> fuel
class C:
    def __hash__(self):
        while True: pass
{C()}

# %% colliding keys -> fuel
{str(i): i for i in iter(range(10**9))} | dict.fromkeys(i << 31 for i in range(10**6))

# %% compiler without end -> fuel
while True: compile("x = 1\n" * 1000, "", "exec")

# %% tasks without end -> fuel
import asyncio
async def f():
    while True: await asyncio.sleep(0)
asyncio.run(f())

# %% decimals -> fuel
import decimal
decimal.getcontext().prec = 10**6
decimal.Decimal(2).sqrt() ** decimal.Decimal("0.3")

# %% digits of a large number -> failed: Exceeds the limit (4300 digits)
str(1 << 10**6)

# %% digits without their limit -> fuel
import sys
sys.set_int_max_str_digits(0)
str(1 << 10**7)

# %% cubic search in text -> fuel
("a" * 10**6 + "b").replace("a", "aa").count("a" * 10**5 + "c")
while True: ("ab" * 10**6).find("ba" * 10**5 + "c")

# %% sleeps past the limit -> slept
import time
time.sleep(61)

# %% sleeps again and again -> slept
import time
while True:
    try: time.sleep(1)
    except BaseException: pass

# %% sleeps for nothing -> fuel
import time
while True: time.sleep(0)

# %% moves the clocks by the host's own function -> slept
import wit_world
wit_world.sleep(2**64 - 1)

# %% waits for a lock -> trapped
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()

# %% waits for an event -> exited
import threading
threading.Event().wait(100)

# %% waits for a descriptor -> trapped
import select
select.select([0], [], [], 100)

# %% waits for a signal -> failed: AttributeError: module 'signal' has no attribute 'pause'
import signal
signal.pause()
