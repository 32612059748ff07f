# %% verdict on stdout -> exited: AC
print("AC", "accepted", "score: 100", sep="\n")

# %% result document -> exited: completed
print('{"status": "completed", "score": 100, "tests": []}')

# %% frame of the child -> exited
import sys
header = b'[{"end": "exited", "status": 0, "fuel": 1, "memory_bytes": null}, [0, 0]]'
sys.stdout.buffer.write(len(header).to_bytes(4) + bytes(4) + header)

# %% frame of the child on stderr -> failed: ready
import sys
sys.stderr.write('\0\0\0\x14\0\0\0\0[{"ready": true}, []]')
sys.exit(1)

# %% frame on every descriptor -> exited: [1, 2]
import os, sys
sent = []
for fd in range(101):
    try: os.write(fd, b'\0\0\0\x14\0\0\0\0[{"ready": true}, []]') and sent.append(fd)
    except OSError: pass
print(sent)

# %% validator's status -> failed
import sys
sys.exit(42)

# %% exit that says it is none -> failed: status 1
import sys
print("status 0", "status 1", file=sys.stderr)
sys.exit(1)

# %% status that is too large -> exited
import sys
sys.exit(256)

# %% status that is negative -> failed
import os
os._exit(-1)

# %% status that is another type -> failed
class I(int):
    def __add__(self, other): return 0
    def __and__(self, other): return 0
    def __int__(self): return 0
    __index__ = __int__
raise SystemExit(I(7))

# %% exit after the traceback -> exited
import sys
def hook(kind, error, traceback):
    print("Traceback (most recent call last):\nZeroDivisionError: division by zero")
    import os
    os._exit(0)
sys.excepthook = hook
1 / 0

# %% exit in the exception hook -> failed: ZeroDivisionError: division by zero
import sys
sys.excepthook = lambda *a: sys.exit(0)
1 / 0

# %% exit at exit -> exited
import atexit, os
atexit.register(os._exit, 0)
1 / 0

# %% status by the host's own function -> exited
import wit_world
wit_world.exit(0)

# %% status that is none by the host's own function -> trapped
import wit_world
wit_world.exit(256)

# %% report of another kind -> trapped
import wit_world
wit_world.Report = None

# %% report that lies -> exited
import wit_world
wit_world.Report = lambda status, exhausted: type("R", (), {"status": 0, "exhausted": False})()
1 / 0

# %% report of memory that was not -> memory
import wit_world
wit_world.Report = lambda status, exhausted: type("R", (), {"status": 0, "exhausted": True})()

# %% report that is too large -> trapped
import wit_world
wit_world.Report = lambda *a: type("R", (), {"status": 10**9, "exhausted": False})()

# %% status that is no status -> trapped
import program
program._finish = lambda status: "not a status"

# %% MemoryError that has a message -> failed: MemoryError: mine
raise MemoryError("mine")

# %% traceback that was none -> failed: MemoryError
import sys
print('Traceback (most recent call last):\n  File "main.py", line 1\nMemoryError', file=sys.stderr)
sys.exit(1)

# %% removes its traceback -> failed
import os, sys
sys.stderr = open(os.devnull) if os.path.exists(os.devnull) else None
1 / 0

# %% denies its output -> failed
import sys
class Out:
    closed = False
    def write(self, text): return len(text)
    def flush(self): raise OSError
sys.stdout = Out()
print("x")

# %% says it is flushed -> exited
import sys
class Out:
    closed = True
sys.__stdout__.write("x")
sys.stdout = Out()

# %% judge's own words -> exited: judgemessage.txt
print("feedback/judgemessage.txt", "score.txt 100", "\x04", "\x00", sep="\n")

# %% CloudWatch's metric -> exited: _aws
print('{"_aws": {"Timestamp": 1, "CloudWatchMetrics": []}, "outcome": "graded"}')

# %% lines of Lambda's log -> exited: REPORT RequestId
print("END RequestId: 1", "REPORT RequestId: 1 Duration: 1 ms", "START RequestId: 2", sep="\n")

# %% status by the system -> failed
import posix
posix._exit(-1)
