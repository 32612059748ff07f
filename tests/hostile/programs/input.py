# %% all of it and more -> failed: EOFError
import sys
sys.stdin.read()
input()

# %% without end -> failed: EOFError
while True: input()

# %% end as often as asked -> fuel
import sys
while True: sys.stdin.read()

# %% closed -> failed: I/O operation on closed file
import sys
sys.stdin.close()
input()

# %% descriptor closed -> failed: Bad file descriptor
import os
os.close(0)
input()

# %% by descriptor -> exited: b'1 2 3\n' b''
import os
print(os.read(0, 100), os.read(0, 100))

# %% huge read -> failed: OverflowError: byte string is too large
import os
os.read(0, 2**31 - 1)

# %% huge line -> exited
import sys
sys.stdin.readline(2**31 - 1)

# %% huge read of the buffer -> failed: OverflowError: byte string is too large
import sys
sys.stdin.buffer.read(2**31 - 1)

# %% negative read -> failed: Invalid argument
import os
os.read(0, -1)

# %% none -> failed: lost sys.stdin
import sys
sys.stdin = None
input()

# %% input of its own -> failed: TypeError: object.readline() returned non-string
import sys
class I:
    def readline(self): return 7
    def fileno(self): return 10**9
sys.stdin = I()
input()

# %% seeks -> failed: UnsupportedOperation
import sys
sys.stdin.seek(0, 2)
sys.stdin.buffer.raw.seek(2**62)

# %% writes to its input -> failed: Not supported
import os
os.write(0, b"x")

# %% reads its output -> failed: Not supported
import os
os.read(1, 10)

# %% cuts its output -> failed: Invalid argument
import os
os.ftruncate(1, 0)

# %% asks for a password -> exited
import getpass
getpass.getpass()

# %% debugger -> failed
breakpoint()

# %% console -> exited
import code
code.interact()

# %% help -> exited
help()

# %% terminal -> failed: AttributeError
import os
os.get_terminal_size(0)

# %% no terminal -> exited: False
import os, sys
print(any(os.isatty(fd) for fd in (0, 1, 2)) or sys.stdin.isatty())

# %% prompt that is no text -> failed: ValueError
class P:
    def __str__(self): raise ValueError
input(P())

# %% does not block -> failed: Invalid argument
import os
os.set_blocking(0, False)
print(os.read(0, 10))

# %% iterates over its own end -> fuel
import sys
while True:
    for line in sys.stdin: pass
