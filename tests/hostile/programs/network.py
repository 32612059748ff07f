# %% socket -> failed: The sandbox has no network
import socket
socket.socket()

# %% connection -> failed: The sandbox has no network
import socket
socket.create_connection(("127.0.0.1", 80))

# %% name -> failed: The sandbox has no network
import socket
socket.getaddrinfo("localhost", 80)

# %% server -> failed: The sandbox has no network
import http.server
http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler)

# %% web -> failed: The sandbox has no network
import urllib.request
urllib.request.urlopen("http://127.0.0.1/")

# %% web of files -> failed: No such file or directory
import urllib.request
urllib.request.urlopen("file:///etc/passwd")

# %% web of data -> exited: x
import urllib.request
print(urllib.request.urlopen("data:,x").read())

# %% ftp -> failed: The sandbox has no network
import ftplib
ftplib.FTP("127.0.0.1", timeout=1)

# %% mail -> failed: The sandbox has no network
import smtplib
smtplib.SMTP("127.0.0.1")

# %% encrypted web -> failed: URLError: <urlopen error unknown url type: https>
import urllib.request
urllib.request.urlopen("https://example.com/")

# %% tasks that connect -> failed: The sandbox has no network
import asyncio
asyncio.run(asyncio.open_connection("127.0.0.1", 80))

# %% stream socket of the system -> trapped: not in the sandbox
import _socket
_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)

# %% datagram socket of the system -> trapped: not in the sandbox
import _socket
_socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)

# %% newer network -> trapped: not in the sandbox
import _socket
_socket.socket(_socket.AF_INET6, _socket.SOCK_STREAM)

# %% raw socket -> failed: Protocol not supported
import _socket
_socket.socket(_socket.AF_INET, 3)

# %% local socket -> trapped: not in the sandbox
import _socket
_socket.socket(1, _socket.SOCK_STREAM)

# %% the system's names -> failed: gaierror
import _socket
_socket.getaddrinfo("localhost", 80)

# %% the host's name -> failed: gaierror
import _socket
print(_socket.gethostbyname("localhost"))

# %% a descriptor as a socket -> failed: Not a socket
import _socket
for fd in range(3, 100):
    try: _socket.socket(fileno=fd)
    except OSError: pass
_socket.socket(fileno=0).recv(10)

# %% pair -> failed: The sandbox has no network
import socket
socket.socketpair()

# %% restored socket -> trapped: not in the sandbox
import socket, _socket
class S(_socket.socket): pass
socket.socket.__init__ = _socket.socket.__init__
s = S(_socket.AF_INET, _socket.SOCK_STREAM)
s.connect(("127.0.0.1", 80))

# %% remote logging -> failed: The sandbox has no network
import logging, logging.handlers
logging.getLogger().addHandler(logging.handlers.SysLogHandler())
logging.error("x")

# %% queue of another process -> failed: The sandbox has no network
from multiprocessing.managers import BaseManager
m = BaseManager(("127.0.0.1", 5000), b"x")
m.connect()
