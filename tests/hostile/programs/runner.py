# %% runner replaced -> exited
import program
program.run_program = None

# %% export replaced -> exited
import app
app.WitWorld.run = lambda *a: None

# %% module of exports replaced -> exited
import sys, wit_world
sys.modules["app"] = sys.modules["wit_world"] = None
wit_world.WitWorld = None

# %% library replaced -> failed: No module named 'colorsys'
import library
library.Library.find_spec = None
library.Library.find_spec = lambda *a: None
import colorsys

# %% library's code replaced -> exited: mine
import app, marshal, zlib
app._LIBRARY._code["colorsys"] = zlib.compress(marshal.dumps(compile("print('mine')", "", "exec")))
import colorsys

# %% library's code damaged -> failed: incorrect header check
import app
app._LIBRARY._code["colorsys"] = b"garbage"
import colorsys

# %% library's code that is no code -> failed: ValueError: bad marshal data (unknown type code)
import app, zlib
app._LIBRARY._code["colorsys"] = zlib.compress(b"\xe3" + b"\xff" * 300)
import colorsys

# %% every module of the library at once -> fuel
import app, importlib
for name in list(app._LIBRARY._code):
    try: importlib.import_module(name)
    except BaseException: pass

# %% module of the name main -> failed: ModuleNotFoundError: No module named 'main'
import importlib
importlib.import_module("__main__").__dict__.clear()
import main

# %% files of the run -> exited: evil
import substitutes
substitutes.files["driver.py"] = b"X = 'evil'"
print(open("driver.py").read())

# %% files of the run that are none -> failed: TypeError
import substitutes
substitutes.files = {"x": 7}
open("x")

# %% driver changed -> exited: evil
import driver
driver.X = "evil"
print(driver.X)

# %% exit function replaced -> failed: SystemError
import os, substitutes, wit_world
wit_world.exit = substitutes.wit_world.sleep = lambda *a: None
os._exit(3)

# %% sleep that gets nonsense -> trapped
import wit_world
wit_world.sleep("long")

# %% sleep that gets too much -> trapped
import wit_world
wit_world.sleep(2**64)

# %% sleep that gets less than nothing -> trapped
import wit_world
wit_world.sleep(-1)

# %% imports by number -> failed
import componentize_py_runtime as runtime
for index in range(9): runtime.call_import(index, [3])

# %% import that is not there -> trapped
import componentize_py_runtime as runtime
runtime.call_import(10**6, [])

# %% import with a negative number -> failed: OverflowError: can't convert negative int to unsigned
import componentize_py_runtime as runtime
runtime.call_import(-1, [])

# %% import with nonsense -> failed: TypeError
import componentize_py_runtime as runtime
runtime.call_import("sleep", None)

# %% import with too many arguments -> trapped
import componentize_py_runtime as runtime
runtime.call_import(0, list(range(1000)))

# %% resource that is none -> trapped
import componentize_py_runtime as runtime
for type_ in range(10):
    for handle in range(10): runtime.drop_resource(type_, handle)

# %% runs itself again -> exited
import program
program.run_program(open("data.txt", "rb").read(), [])
program.run_program(b"import program; program.run_program(b'print(1)', [])", [])

# %% calls its own export -> exited
import app
print(app.WitWorld().run("print('inner')", [], []))

# %% runner's ballast -> trapped
import program
program._BALLAST.append(bytes(1 << 20))
program._BALLAST = None
raise MemoryError

# %% explains for ever -> fuel
import substitutes
def explain(error):
    while True: pass
substitutes.explain = explain
1 / 0

# %% remembers lines that are none -> failed: ZeroDivisionError: division by zero
import linecache
linecache.cache["main.py"] = (1, None, 7, "main.py")
1 / 0

# %% traceback's lines from a file -> failed: ZeroDivisionError: division by zero
import linecache
linecache.cache.clear()
exec(compile("1 / 0", "/etc/passwd", "exec"))

# %% folder of the runner as its own -> failed: ZeroDivisionError: division by zero
exec(compile("1 / 0", __import__("program")._FOLDER + "x.py", "exec"))

# %% folder of everything -> failed: ZeroDivisionError: division by zero
import program
program._FOLDER = ""
1 / 0

# %% traceback that goes round -> failed: ZeroDivisionError: division by zero
def f():
    try: 1 / 0
    except ZeroDivisionError as e: return e
e = f()
try: e.__traceback__.tb_next = e.__traceback__
except ValueError: pass
e.__context__ = e.__cause__ = e
raise e

# %% suppresses nothing -> trapped
import contextlib, program
program.suppress = contextlib.suppress = None
1 / 0

# %% exception that is no exception -> trapped
class E(BaseException):
    __traceback__ = property(lambda self: 7)
    def with_traceback(self, _): raise SystemExit(0)
raise E

# %% name of the error is no name -> failed: ModuleNotFoundError
e = ModuleNotFoundError()
class S(str):
    def partition(self, _): raise SystemExit(0)
e.name = S("x")
raise e

# %% standard library's names replaced -> failed: ModuleNotFoundError: No module named 'nothing'
import sys
sys.stdlib_module_names = None
import nothing

# %% atexit that is endless -> output
import atexit
def again():
    atexit.register(again)
    atexit._run_exitfuncs()
again()

# %% atexit cleared -> exited: cleared
import atexit
atexit._clear()
atexit._run_exitfuncs = None
print("cleared")
