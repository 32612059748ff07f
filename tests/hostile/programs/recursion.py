# %% function -> failed: RecursionError
def f(): f()
f()

# %% without a limit -> fuel
import sys
sys.setrecursionlimit(2**31 - 1)
def f(): f()
f()

# %% limit of none -> failed: recursion limit
import sys
sys.setrecursionlimit(0)

# %% lowest limit -> failed: RecursionError
import sys
sys.setrecursionlimit(25)
def f(): f()
f()

# %% __getattr__ -> failed: RecursionError
class C:
    def __getattr__(self, name): return getattr(self, name)
try: C().x
except RecursionError as e: raise SystemExit("RecursionError")

# %% __repr__ -> failed: RecursionError
class C:
    def __repr__(self): return repr(self)
repr(C())

# %% __eq__ -> failed: RecursionError
class C:
    def __eq__(self, other): return self == other
C() == C()

# %% __call__ -> failed: RecursionError
class C: pass
C.__call__ = C()
C()()

# %% __bool__ -> failed: RecursionError
class C:
    def __bool__(self): return not self
not C()

# %% repr of a deep list -> fuel
x = []
for i in range(10_000): x = [x]
repr(x)

# %% frees a deep list -> trapped
import gc
gc.disable()
x = []
for i in range(200_000): x = [x]
del x

# %% frees a shallower list -> exited
x = []
for i in range(10**4): x = [x]
del x

# %% frees a deep tuple -> trapped
import gc
gc.disable()
x = ()
for i in range(200_000): x = (x,)
del x

# %% frees a long chain of objects -> exited
class C: pass
x = None
for i in range(10**5):
    y = C()
    y.next, x = x, y
del x, y

# %% frees a chain of iterators -> trapped
x = iter(())
for i in range(10**5): x = map(None, x)
del x

# %% frees a chain of generators -> exited
def g(x): yield x
x = None
for i in range(10**5):
    x = g(x)
    next(x)
del x

# %% chain of iterators -> trapped
x = iter([1])
for i in range(10**5): x = map(int, x)
next(x)

# %% chain of partials -> fuel
import functools
f = int
for i in range(1000): f = functools.partial(lambda g: g(), f)
f()

# %% hashes a deep tuple -> exited
x = ()
for i in range(10**5): x = (x,)
hash(x)

# %% deep json -> failed: RecursionError
import json
json.loads("[" * 10**5)

# %% pickle -> output
import pickle
x = []
for i in range(10**4): x = [x]
pickle.dumps(x)

# %% marshal -> failed: too deeply nested
import marshal
x = []
for i in range(10**4): x = [x]
marshal.dumps(x)

# %% marshal that is read -> failed: ValueError: recursion limit exceeded
import marshal
marshal.loads(b"[\x01\0\0\0" * 10**5 + b"N")

# %% copy -> output
import copy
x = []
for i in range(10**4): x = [x]
copy.deepcopy(x)

# %% pattern -> exited
import re
re.compile("(" * 300 + ")" * 300)

# %% nested matches -> exited
import re
re.match("(?:(?:a?)*?)*?" * 100 + "$", "a" * 5000)

# %% type's bases -> fuel
c = object
for i in range(1000): c = type("C", (c,), {})
c().x

# %% isinstance of nested tuples -> exited
t = int
for i in range(10**5): t = (t,)
isinstance("", t)

# %% generic alias -> exited
t = list
for i in range(10**4): t = list[t]
repr(t)

# %% union in a union -> exited
t = int
for i in range(3000): t = list[t] | None
hash(t)

# %% syntax tree -> failed: RecursionError
import ast
place = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 1}
x = ast.Constant(1, **place)
for i in range(10**4): x = ast.UnaryOp(ast.USub(), x, **place)
compile(ast.Expression(x), "", "eval")

# %% exceptions that cause each other -> output
e = None
for i in range(2000):
    new = ValueError()
    new.__cause__, e = e, new
raise e

# %% import in an import -> output
import sys
class F:
    def find_spec(self, name, *_): return __import__(name + "x")
sys.meta_path.insert(0, F())
import nothing

# %% trace of a trace -> failed: RecursionError
import sys
def trace(*a):
    sys.settrace(trace)
    return trace
sys.settrace(trace)
def f(): f()
f()

# %% recursion in the exception hook -> failed: ZeroDivisionError: division by zero
import sys
def hook(*a): hook(*a)
sys.excepthook = hook
1 / 0

# %% recursion in a finalizer -> exited
class D:
    def __del__(self): self.__del__()
D()
