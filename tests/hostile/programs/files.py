# %% password file -> failed: No such file
open("/etc/passwd")

# %% file by the system -> failed: No such file
import os
os.open("/etc/passwd", 0)

# %% file by io -> failed: No such file
import _io
_io.open("/etc/passwd")

# %% file by FileIO -> failed: No such file
import io
io.FileIO("/etc/passwd")

# %% file by code -> failed: No such file
import io
io.open_code("/etc/passwd")

# %% original open -> failed: No such file
from substitutes import _open
_open("/etc/passwd")

# %% path that goes up -> failed: No such file
open("../../etc/passwd")

# %% path with NUL -> failed: No such file or directory
open("data.txt\0/etc/passwd")

# %% path of bytes -> failed: No such file
open(b"/etc/passwd")

# %% path that changes -> failed: No such file or directory
import os
class P:
    calls = 0
    def __fspath__(self):
        P.calls += 1
        return "data.txt" if P.calls == 1 else "/etc/passwd"
p = P()
print(open(p).read())
open(p)

# %% folder -> failed: No such file
import os
os.listdir("/")

# %% folder by descriptor -> failed: TypeError
import os
os.listdir(3)

# %% working folder -> failed: No such file
import os
os.listdir(".")

# %% walks -> exited: []
import os
print(list(os.walk("/")))

# %% globs -> exited: []
import glob
print(glob.glob("/**", recursive=True))

# %% writes -> failed: The sandbox has no folder to write to
open("out.txt", "w")

# %% appends to its own file -> failed: The sandbox has no folder to write to
open("data.txt", "a")

# %% updates its own file -> failed: The sandbox has no folder to write to
open("data.txt", "r+")

# %% temporary file -> failed: No usable temporary
import tempfile
tempfile.TemporaryFile()

# %% new folder -> failed: No such file or directory
import os
os.mkdir("/tmp/x")

# %% removes -> failed: No such file or directory
import os
os.remove("data.txt")

# %% renames -> failed: No such file or directory
import os
os.rename("/etc/passwd", "x")

# %% links -> failed: No such file or directory
import os
os.symlink("/etc/passwd", "x")

# %% hard link -> failed: No such file or directory
import os
os.link("/etc/passwd", "x")

# %% changes folder -> failed: No such file or directory
import os
os.chdir("/etc")

# %% tree -> failed: No such file or directory
import shutil
shutil.rmtree("/")

# %% status -> failed: No such file or directory
import os
os.stat("/etc/passwd")

# %% path without substitutes -> failed: No such file
import pathlib
pathlib.Path("/etc/shadow").stat()

# %% database -> failed: unable to open database file
import sqlite3
sqlite3.connect("/tmp/x.db").execute("create table t (x)")

# %% database that attaches a file -> failed: unable to open database
import sqlite3
sqlite3.connect(":memory:").execute("attach '/etc/passwd' as x").fetchall()

# %% database that loads a library -> failed: AttributeError
import sqlite3
sqlite3.connect(":memory:").load_extension("/lib/x.so")

# %% archive -> failed: The sandbox has no folder to write to
import zipfile
zipfile.ZipFile("/tmp/x.zip", "w")

# %% module of a folder -> failed: No module named 'evil'
import sys
sys.path[:] = ["/", "/tmp", "/var/task", "."]
import evil

# %% library of a folder -> failed: AttributeError: 'NoneType' object has no attribute 'name'
from importlib.machinery import ExtensionFileLoader
ExtensionFileLoader("evil", "/lib/x86_64-linux-gnu/libc.so.6").create_module(
    __import__("importlib.util").util.spec_from_file_location("evil", "/lib/libc.so.6"))

# %% its own source -> failed: No such file
open("main.py")

# %% the guest's source -> failed: No such file or directory
import app
open(app.__file__)

# %% the component -> failed: No such file
open("/var/task/sandbox/python.wasm", "rb")

# %% descriptor that was none -> failed: Bad file descriptor
open(7).read()

# %% time zone that is a path -> failed: ValueError
import zoneinfo
zoneinfo.ZoneInfo("../../../etc/passwd")

# %% files of a package -> failed: FileNotFoundError
import importlib.resources
importlib.resources.files("tzdata").joinpath("../../etc/passwd").read_text()
