# %% modules cleared -> failed: AttributeError
import sys
sys.modules.clear()
import os

# %% every dict cleared -> exited
import gc
for o in gc.get_objects():
    if isinstance(o, dict): o.clear()

# %% every list cleared -> exited
import gc
for o in gc.get_objects():
    if isinstance(o, list): o.clear()

# %% dict of a builtin type -> exited
import gc
[slots] = [o for o in gc.get_referents(int.__dict__) if isinstance(o, dict)]
slots["__add__"] = lambda *a: 42
print(int.__add__(1, 1))

# %% dict of a builtin type emptied -> trapped
import gc
for t in (object, type, str, dict, BaseException):
    for o in gc.get_referents(t.__dict__):
        if isinstance(o, dict): o.clear()
print([].append(object()))

# %% constants of code -> exited
import gc
def f(): return 1000
for o in gc.get_referents(f.__code__): gc.get_referents(o)
f.__code__.co_consts.__class__.__init__(f.__code__.co_consts, (2,))
print(f())

# %% locals of the runner's frame -> exited: written
import sys
frame = sys._getframe()
while frame.f_back: frame = frame.f_back
frame.f_locals["status"] = 0
frame.f_locals["exhausted"] = None
print("written")

# %% clears the runner's frames -> failed: RuntimeError
import sys
frame = sys._getframe().f_back
frame.clear()

# %% traces the runner -> trapped
import sys
frame = sys._getframe()
def trace(frame, event, arg):
    if frame.f_code.co_name == "_finish": frame.f_locals["status"] = "x"
    return trace
sys.settrace(trace)
while frame:
    frame.f_trace = trace
    frame = frame.f_back

# %% jumps in the runner -> trapped
import sys
def trace(frame, event, arg):
    if event == "line" and frame.f_code.co_name == "run_program": frame.f_lineno += 1
    return trace
frame = sys._getframe().f_back
frame.f_trace = trace
sys.settrace(trace)
1 / 0

# %% profiles the runner -> exited
import sys
def profile(frame, event, arg): raise SystemExit(0)
sys.setprofile(profile)
print(1)

# %% monitors the runner -> trapped
import sys
m = sys.monitoring
m.use_tool_id(0, "x")
m.register_callback(0, m.events.PY_RETURN, lambda *a: 1 / 0)
m.set_events(0, m.events.PY_RETURN)

# %% audit hook that refuses all -> exited
import sys
def hook(*_): raise SystemExit(0)
sys.addaudithook(hook)
import json.tool

# %% signal handlers -> exited
import signal
for s in range(65):
    try: signal.signal(s, lambda *a: None)
    except (OSError, ValueError): pass

# %% switches the code of a function of the runner -> exited
import program
program._finish.__code__ = (lambda status: 0).__code__

# %% switches the class of an object -> failed: TypeError
import sys
sys.stdout.__class__ = int

# %% switches the class of a module -> exited
import sys, types
class M(types.ModuleType):
    def __getattr__(self, name): raise SystemExit(0)
for m in list(sys.modules.values()):
    try: m.__class__ = M
    except TypeError: pass

# %% code of random bytes -> failed or trapped
exec((lambda: 0).__code__.replace(co_code=bytes(range(256)) * 9))

# %% code of 0xff -> failed or trapped
exec((lambda: 0).__code__.replace(co_code=b"\xff\xff" * 99))

# %% code without end -> failed or trapped
exec((lambda: 0).__code__.replace(co_code=b"\t\0"))

# %% code of nothing -> failed or trapped
exec((lambda: 0).__code__.replace(co_code=b""))

# %% constant that is not there -> failed or trapped
import opcode
load, ret = opcode.opmap["LOAD_CONST"], opcode.opmap["RETURN_VALUE"]
for i in range(256):
    code = bytes([opcode.opmap["RESUME"], 0, load, i, ret, 0])
    repr(eval((lambda: 0).__code__.replace(co_code=code, co_consts=())))

# %% variable that is not there -> failed or trapped
import opcode
m = opcode.opmap
for i in range(5, 256):
    code = bytes([m["RESUME"], 0, m["LOAD_FAST"], i, m["RETURN_VALUE"], 0])
    repr(eval((lambda: 0).__code__.replace(co_code=code)))

# %% stack that is too small -> exited
def f(): return [1, 2, [3, [4, [5, (6, 7, print(8, 9, 10))]]]]
exec(f.__code__.replace(co_stacksize=0) if hasattr(f.__code__, "replace") else "")

# %% stack that is too large -> fuel
code = (lambda: 0).__code__.replace(co_stacksize=2**28)
eval(code)

# %% pops more than there is -> failed or trapped
import opcode
m = opcode.opmap
code = bytes([m["RESUME"], 0] + [m["POP_TOP"], 0] * 200 + [m["RETURN_VALUE"], 0])
exec((lambda: 0).__code__.replace(co_code=code))

# %% jumps out of the code -> failed or trapped
import opcode
m = opcode.opmap
code = bytes([m["RESUME"], 0, m["EXTENDED_ARG"], 255, m["JUMP_FORWARD"], 255])
exec((lambda: 0).__code__.replace(co_code=code))

# %% jumps in place -> fuel
import opcode
m = opcode.opmap
exec((lambda: 0).__code__.replace(co_code=bytes([m["RESUME"], 0, m["JUMP_BACKWARD"], 2, 0, 0, 0, 0])))

# %% forged object -> failed or trapped
import opcode, struct
m = opcode.opmap
fake = bytearray(struct.pack("<III", 1 << 20, id(bytearray), 0x7FFFFFFF) + bytes(64))
address = struct.pack("<I", id(fake) + 16)
spray = [(address * 8,) for _ in range(1000)]
for i in range(256):
    code = bytes([m["RESUME"], 0, m["LOAD_CONST"], i, m["RETURN_VALUE"], 0])
    x = eval((lambda: 0).__code__.replace(co_code=code, co_consts=()))
    if type(x) is bytearray: x[0:0x1000] = bytes(0x1000)

# %% view that outlives its buffer -> failed or trapped
import io
class F(io.RawIOBase):
    def readinto(self, view):
        global kept
        kept = view.cast("I")
        return 1
    def readable(self): return True
f = io.BufferedReader(F(), 64)
f.read(1)
del f
held = [bytes(40) for _ in range(10_000)]
for i in range(len(kept)): kept[i] = 0x41414141
print(*map(len, held))

# %% reader that lies about its length -> failed: OSError
import io
class F(io.RawIOBase):
    def readinto(self, view): return 10**6
    def readable(self): return True
io.BufferedReader(F(), 64).read(1)

# %% list changed while it is sorted -> failed: list modified during sort
x = [3, 2, 1]
class C(int):
    def __lt__(self, other):
        x.append(1)
        return False
x[:] = map(C, x)
x.sort()

# %% list changed while it is compared -> exited
class C:
    def __eq__(self, other):
        x.clear()
        y.clear()
        return True
x, y = [C()] * 100, [C()] * 100
print(x == y)

# %% dict changed while it is compared -> exited
class C:
    def __hash__(self): return 1
    def __eq__(self, other):
        d.clear()
        return False
d = {C(): 1}
for i in range(100): d[C()] = i

# %% set changed in an update -> exited
class C:
    def __hash__(self): return 1
    def __eq__(self, other):
        s.clear()
        return False
s = {C()}
s.update([C() for _ in range(100)])

# %% bytearray resized while it is joined -> failed: IndexError: bytearray index out of range
x = bytearray(b"x" * 100)
class I:
    def __index__(self):
        x.clear()
        return 1
x[I()] = I()
memoryview(x)[I()]

# %% slots unset -> failed: AttributeError: 'C' object has no attribute 'a'
class C: __slots__ = ("a",)
C.a.__get__(object.__new__(C))

# %% descriptor of another type -> failed: TypeError
type.__dict__["__mro__"].__get__(1)

# %% object without __init__ -> exited
import collections, io, itertools, sqlite3
for t in (io.TextIOWrapper, io.BufferedReader, collections.deque, sqlite3.Connection, io.FileIO):
    o = t.__new__(t)
    for name in dir(o):
        try: getattr(o, name)()
        except BaseException: pass

# %% mro that lies -> failed: TypeError
class M(type):
    def mro(cls): return [cls, int, dict, object]
class C(metaclass=M): pass
C().keys()

# %% type that removes itself -> exited
import gc
class C: pass
o = C()
del C
gc.get_referrers(type(o))[0]
o.__class__ = type("D", (), {})

# %% finalizer that brings back -> exited
import gc
kept = []
class D:
    def __del__(self): kept.append(self)
for _ in range(1000):
    D()
    gc.collect()
    kept.clear()

# %% weak references that bring back -> exited
import weakref
class C: pass
o = C()
r = [weakref.ref(o, lambda r: r()) for _ in range(1000)]
del o

# %% collector's callback that breaks it -> exited
import gc
gc.callbacks.append(lambda phase, info: info.clear() or gc.collect())
gc.collect()

# %% collector thawed -> exited
import gc
gc.unfreeze()
gc.collect()
print(gc.get_count())

# %% collector's thresholds -> exited
import gc
gc.set_threshold(1, 1, 1)
for i in range(1000): [[] for _ in range(10)]

# %% builtins emptied -> trapped
import builtins
builtins.__dict__.clear()
print(1)

# %% builtins replaced -> failed: TypeError: 'int' object is not subscriptable
globals()["__builtins__"] = 1
exec("print(1)", {"__builtins__": 1})

# %% codec that lies -> failed: TypeError
import codecs
codecs.register(lambda name: codecs.CodecInfo(lambda *a: (1, 2), lambda *a: (1, 2), name="lie"))
b"x".decode("lie")

# %% hook of the imports -> failed: ImportError
import builtins
def refuse(*_): raise ImportError("mine")
builtins.__import__ = refuse
import os

# %% builtin modules again -> exited
import _imp, sys
for name in sys.builtin_module_names:
    try: _imp.create_builtin(type("S", (), {"name": name, "parent": "", "origin": "built-in"}))
    except Exception: pass

# %% interpreter's internals -> failed: ModuleNotFoundError: No module named '_testinternalcapi'
import _testinternalcapi

# %% pickle that runs code -> exited: ran
import pickle
pickle.loads(b"cbuiltins\nprint\n(Vran\ntR.")

# %% pickle of garbage -> failed: UnpicklingError: invalid load key, '\x00'.
import pickle
pickle.loads(b"\x80\x04" + bytes(range(256)) * 9)

# %% pickle of a huge index -> memory
import pickle
pickle.loads(b"\x80\x04Nr\xff\xff\xff\x7f.")

# %% marshal of garbage -> failed: ValueError: bad marshal data (unknown type code)
import marshal
for i in range(256):
    try: marshal.loads(bytes([i]) + b"\xff\xff\xff\x7f" * 9)
    except Exception: pass
marshal.loads(b"\xe3" + bytes(300))

# %% structure of a huge format -> failed: total struct size too long
import struct
struct.pack("2147483647i" * 9, *range(9))

# %% sqlite that writes its schema -> failed: database disk image is malformed
import sqlite3
c = sqlite3.connect(":memory:")
c.execute("create table t (x)")
c.execute("pragma writable_schema=on")
c.execute("update sqlite_master set sql = 'create table t (' || hex(randomblob(999)) || ')'")
c.executescript("pragma writable_schema=reset; vacuum; select * from t;")

# %% sqlite's function that closes it -> failed: Cannot operate on a closed database
import sqlite3
c = sqlite3.connect(":memory:")
c.create_function("f", 0, lambda: c.close())
c.execute("select f()").fetchall()

# %% sqlite's pattern -> exited
import sqlite3
sqlite3.connect(":memory:").execute("select ? like ?", ("a" * 40_000, "%a" * 10 + "b")).fetchall()
