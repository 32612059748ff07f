# %% fork -> failed: no attribute 'fork'
import os
os.fork()

# %% fork bomb -> failed: AttributeError: module 'os' has no attribute 'fork'
import os
while True: os.fork()

# %% subprocess -> failed: does not support processes
import subprocess
subprocess.run(["ls"])

# %% shell -> failed: AttributeError: module 'os' has no attribute 'system'
import os
os.system("ls")

# %% pipe to a shell -> failed: does not support processes
import os
os.popen("ls").read()

# %% exec -> failed: AttributeError
import os
os.execv("/bin/sh", ["sh"])

# %% exec by the system -> failed: AttributeError: module 'posix' has no attribute 'execve'
import posix
posix.execve("/bin/sh", ["sh"], {})

# %% spawn -> failed: AttributeError: module 'os' has no attribute 'posix_spawn'
import os
os.posix_spawn("/bin/sh", ["sh"], {})

# %% helper of subprocess -> failed: ModuleNotFoundError: No module named '_posixsubprocess'
import _posixsubprocess
_posixsubprocess.fork_exec([b"/bin/sh"], [b"/bin/sh"], True, (), None, None, -1, -1, -1, -1, -1, -1,
                           -1, -1, False, False, 0, None, None, None, -1, None)

# %% thread -> failed: can't start new thread
import threading
threading.Thread(target=print).start()

# %% thread of the system -> failed: can't start new thread
import _thread
_thread.start_new_thread(print, ())

# %% thread bomb -> failed: can't start new thread
import threading
def f():
    while True: threading.Thread(target=f).start()
f()

# %% daemon that outlives the run -> failed: can't start new thread
import threading
threading.Thread(target=lambda: None, daemon=True).start()

# %% timer -> failed: can't start new thread
import threading
threading.Timer(0, print).start()

# %% pool of threads -> failed: can't start new thread
from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor().submit(print)

# %% pool of processes -> failed: NotImplementedError
from concurrent.futures import ProcessPoolExecutor
ProcessPoolExecutor().submit(print).result()

# %% pool of multiprocessing -> failed: AttributeError
import multiprocessing
multiprocessing.Pool()

# %% shared memory -> failed: ModuleNotFoundError: No module named 'mmap'
from multiprocessing import shared_memory
shared_memory.SharedMemory(create=True, size=10)

# %% other interpreter -> failed: ModuleNotFoundError: No module named '_interpreters'
from concurrent import interpreters
interpreters.create().exec("while True: pass")

# %% other interpreter of the system -> failed: ModuleNotFoundError: No module named '_interpreters'
import _interpreters
i = _interpreters.create()
_interpreters.exec(i, "print('inside')")
while True: _interpreters.create()

# %% kill -> failed: AttributeError: module 'os' has no attribute 'kill'
import os, signal
os.kill(os.getpid(), signal.SIGKILL)

# %% kills its parent -> failed: AttributeError: module 'os' has no attribute 'kill'
import os
os.kill(os.getppid(), 9)

# %% raises a signal -> trapped
import signal
signal.raise_signal(signal.SIGTERM)

# %% abort -> trapped
import os
os.abort()

# %% alarm -> failed: AttributeError: module 'signal' has no attribute 'alarm'
import signal
signal.alarm(1)

# %% priority -> failed: AttributeError: module 'os' has no attribute 'nice'
import os
os.nice(-20)

# %% another user -> failed: AttributeError
import os
os.setuid(0)

# %% own limits -> failed: ModuleNotFoundError: No module named 'resource'
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

# %% native library -> failed: The sandbox has no ctypes.
import ctypes

# %% native library by its own name -> failed: ModuleNotFoundError: No module named '_ctypes'
import _ctypes

# %% mapped memory -> failed: The sandbox has no mmap.
import mmap

# %% traces another -> failed: FileNotFoundError: Script file does not exist
import sys
sys.remote_exec(1, "x.py")

# %% crash by faulthandler -> trapped
import faulthandler
faulthandler._sigsegv()

# %% null pointer by faulthandler -> exited
import faulthandler
faulthandler._read_null()

# %% fatal error by faulthandler -> failed: RuntimeError: unable to start the thread
import faulthandler
faulthandler._fatal_error_c_thread()

# %% watchdog by faulthandler -> failed: RuntimeError: unable to start watchdog thread
import faulthandler
faulthandler.dump_traceback_later(0.01, repeat=True, exit=True)
while True: pass
