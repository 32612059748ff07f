# %% print and input -> exited
import builtins
builtins.print = builtins.input = None

# %% modules -> exited
import sys
for name in ("os", "random", "driver", "sys", "io"): sys.modules[name] = None

# %% meta path -> exited
import sys
sys.meta_path.clear()
sys.path_hooks.clear()

# %% meta path of its own -> exited
import sys
class F:
    def find_spec(*a): raise SystemExit(0)
sys.meta_path.insert(0, F())

# %% streams closed -> exited
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr): stream.close()

# %% descriptors closed -> exited
import os
for fd in range(101):
    try: os.close(fd)
    except OSError: pass

# %% descriptors moved -> exited
import os
for fd in range(101):
    try: os.dup(fd)
    except OSError: pass

# %% recursion limit -> exited
import sys
sys.setrecursionlimit(50)

# %% limit of digits -> exited
import sys
sys.set_int_max_str_digits(640)

# %% random -> exited
import random
random.seed(1)
random.random = random.Random.random = lambda *a: 0
random._inst = None

# %% file of the next run -> exited
import substitutes
substitutes.files["driver.py"] = substitutes.files["data.txt"] = b"evil"

# %% module of the next run -> exited
import app, sys
app._LIBRARY.sources["driver"] = b"X = 'evil'"
sys.modules["driver"] = type(sys)("driver")

# %% module that comes before -> exited
import app, marshal, zlib
app._LIBRARY._code["driver"] = zlib.compress(marshal.dumps(compile("X = 'evil'", "", "exec")))

# %% at exit of the next run -> exited
import atexit
def f(): print("evil")
for _ in range(100): atexit.register(f)
atexit._clear = atexit._run_exitfuncs = f
atexit.unregister(f)

# %% exception hook -> exited
import sys
sys.excepthook = sys.__excepthook__ = sys.unraisablehook = lambda *a: None

# %% display hook -> exited
import sys
sys.displayhook = sys.breakpointhook = None

# %% trace that stays -> exited
import sys, threading
sys.settrace(lambda *a: print("evil"))
threading.setprofile(lambda *a: print("evil"))

# %% audit hook, which can't be removed -> exited
import sys
sys.addaudithook(lambda *a: None)

# %% warnings -> exited
import warnings
warnings.simplefilter("error")
warnings.showwarning = None

# %% environment -> exited
import os
os.environ["PYTHONSTARTUP"] = os.environ["AWS_PROFILE"] = "evil"
os.putenv("PYTHONPATH", "/tmp")

# %% locale -> exited
import locale
locale.setlocale(locale.LC_ALL, "C")

# %% decimals -> exited
import decimal
decimal.getcontext().prec = 1
decimal.DefaultContext.prec = 1

# %% pattern cache -> exited
import re
re._cache = re._cache2 = {("x", "x", 0): None}
re.compile = None

# %% line cache -> exited
import linecache
linecache.cache["main.py"] = linecache.cache["driver.py"] = (1, None, ["evil"], "main.py")

# %% type cache -> exited
import abc, collections.abc
collections.abc.Mapping.register(int)
abc.ABCMeta.__instancecheck__ = lambda *a: True

# %% dispatch tables -> exited
import copyreg, functools, pickle
copyreg.pickle(int, lambda i: (print, ("evil",)))
functools.lru_cache = None

# %% enum's members -> exited
import signal
signal.Signals._member_map_.clear()

# %% interned text -> exited
import sys
for name in ("print", "input", "X", "driver"): sys.intern(name)

# %% event loop -> exited
import asyncio
asyncio.set_event_loop(asyncio.new_event_loop())
asyncio.BaseEventLoop.run_forever = asyncio.EventLoop = None

# %% signals that wait -> exited
import signal
signal.set_wakeup_fd(-1)
signal.signal(signal.SIGINT, signal.SIG_IGN)

# %% memory that is left -> memory
x = [bytes(1 << 20) for _ in range(10**6)]

# %% output that is left -> output
while True: print("evil" * 1000)

# %% clocks that are moved -> exited
import time
time.sleep(50)
