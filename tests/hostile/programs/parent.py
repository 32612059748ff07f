# %% environment -> exited: {} {}
import os, posix
print(dict(os.environ), posix.environ)

# %% environment of the process -> failed: No such file
open("/proc/self/environ")

# %% environment of the parent -> failed: No such file
import os
open(f"/proc/{os.getppid() if hasattr(os, 'getppid') else 1}/environ")

# %% environment of each process by the system -> exited: []
import os
found = []
for pid in ("self", "thread-self", *range(1, 300)):
    for name in ("environ", "mem", "maps", "cmdline", "fd/0", "root/etc/passwd", "cwd"):
        try: found.append(os.open(f"/proc/{pid}/{name}", os.O_RDONLY))
        except OSError: pass
print(found)

# %% memory of the process -> failed: The sandbox has no folder to write to
open("/proc/self/mem", "r+b")

# %% descriptors of the process -> failed: No such file
import os
os.readlink("/proc/self/fd/0")

# %% devices -> exited: []
import os
found = []
for name in ("mem", "kmem", "null", "zero", "stdin", "fd/0", "tty", "shm", "vsock"):
    try: found.append(os.open(f"/dev/{name}", os.O_RDWR))
    except OSError: pass
print(found)

# %% Runtime API -> failed: The sandbox has no network
import http.client
http.client.HTTPConnection("127.0.0.1", 9001).request("GET", "/2018-06-01/runtime/invocation/next")

# %% Runtime API by the system -> trapped: not in the sandbox
import _socket
s = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
s.connect(("127.0.0.1", 9001))
s.sendall(b"POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\n\r\n")

# %% address of the Runtime API -> failed: KeyError
import os
os.environ["AWS_LAMBDA_RUNTIME_API"]

# %% metadata of the machine -> failed: The sandbox has no network
import urllib.request
urllib.request.urlopen("http://169.254.169.254/latest/meta-data/iam/security-credentials/")

# %% metadata of the container -> failed: The sandbox has no network
import urllib.request
urllib.request.urlopen("http://169.254.170.2/v2/credentials/")

# %% X-Ray -> failed: The sandbox has no network
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"{}", ("169.254.79.129", 2000))

# %% credentials in the environment -> exited: []
import os
print([k for k in os.environ if k.startswith("AWS") or "TOKEN" in k])

# %% credentials in files -> exited: []
import os
found = []
for folder in ("/root", "/home/sbx_user1051", "~", ".", "/var/task", "/tmp", "/opt"):
    for name in (".aws/credentials", ".aws/config", ".aws/sso/cache", ".boto", ".netrc", ".ssh/id_rsa"):
        for opened in (open, __import__("_io").open, lambda path: os.open(path, 0)):
            try: found.append(opened(os.path.expanduser(f"{folder}/{name}")))
            except OSError: pass
print(found)

# %% AWS's library -> failed: The sandbox has only Python's standard library, so no boto3.
import boto3

# %% descriptors read -> exited: []
import os
found = []
for fd in range(1, 101):
    try: found.append((fd, os.read(fd, 100)))
    except OSError: pass
print(found)

# %% descriptors written -> exited: [1, 2]
import os
found = []
for fd in range(101):
    try: found.append(fd) if os.write(fd, b" ") else None
    except OSError: pass
print(found)

# %% descriptors that are open -> exited: [0, 1, 2]
import os
found = []
for fd in range(101):
    try: found.append(fd) if os.fstat(fd) else None
    except OSError: pass
print(found)

# %% descriptors duplicated -> exited: []
import os
found = []
for fd in range(3, 101):
    try: found.append(os.dup(fd))
    except OSError: pass
print(found)

# %% descriptors as folders -> exited: []
import os
found = []
for fd in range(101):
    for attempt in (lambda: os.open("etc/passwd", 0, dir_fd=fd), lambda: os.stat(".", dir_fd=fd),
                    lambda: os.listdir(fd), lambda: os.scandir(fd), lambda: os.fchdir(fd)):
        try: found.append(attempt())
        except (OSError, AttributeError, NotImplementedError, TypeError): pass
print(found)

# %% descriptors that can be far away -> exited: []
import os
found = []
for fd in (-1, -100, 255, 1023, 1024, 65535, 2**31 - 1):
    try: found.append(os.read(fd, 1))
    except OSError: pass
print(found)

# %% names of the machine -> exited: '42' '(none)'
import os, platform
print(repr(str(os.getpid())), repr(platform.node()))

# %% who it is -> failed: AttributeError
import os
os.getuid()

# %% whose child it is -> failed: AttributeError
import os
os.getppid()

# %% arguments of the child -> exited: ['main.py', 'an argument']
import sys
print(sys.argv, *(v for k, v in sys._xoptions.items()))

# %% original arguments -> exited: []
import sys
print(sys.orig_argv)

# %% paths -> exited: [] /
import os, sys
print(sys.path, os.getcwd())

# %% memory beyond its own -> failed: IndexError: index out of bounds on dimension 1
memoryview(bytes(8)).cast("I")[2**29]

# %% random source -> exited: 32
import os
print(len(os.urandom(32)))

# %% machine's load -> failed: AttributeError: module 'os' has no attribute 'getloadavg'
import os
os.getloadavg()

# %% system's settings -> failed: ValueError: substring not found
import os
os.sysconf("SC_NPROCESSORS_ONLN")
os.confstr("CS_PATH")
os.uname().nodename.index("ip-")
