"""What the child gives up before it runs a program: the wall behind WebAssembly's."""

import ctypes
import resource
import sys

_PR_SET_NO_NEW_PRIVS = 38


def give_up_privileges() -> None:
    """Never gain rights by running another program. The threads started afterwards can't either.

    https://man7.org/linux/man-pages/man2/PR_SET_NO_NEW_PRIVS.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def give_up_resources() -> None:
    """From now on open nothing (file, socket, another program's libraries) and start nothing.

    What is open stays open: the socket to the parent. The threads go on. Root could take it back,
    and starts processes all the same.
    https://man7.org/linux/man-pages/man2/getrlimit.2.html
    """
    for limit in (
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_CORE,
        resource.RLIMIT_NPROC,
    ):
        resource.setrlimit(limit, (0, 0))
