"""WebAssembly's wall assumed broken: what native code in the child's place still can't do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import runner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's limits and /proc")

LAMBDA = Path(runner.__file__).parents[1]
PARENT = Path(__file__).with_name("secretive_parent.py")
NOT_RAISED = "not allowed to raise maximum limit"

# Root could undo what the child gives up. This user may read files, so can run any Python.
NOBODY = [
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"),
]

SECRETS = {
    "find the parent's descriptor": "EACCES",
    "read the parent's memory": "EPERM",
    "trace the parent": "EPERM",
}
WHILE_LOADING = SECRETS | {
    "open the parent's environment": "EACCES",
    "open the parent's memory": "EACCES",
    "open the parent's descriptor": "EACCES",
    "take the parent's descriptor": "EPERM",
}
OPENING = {
    "open the parent's environment": "EMFILE",
    "open the parent's memory": "EMFILE",
    "open the parent's descriptor": "EMFILE",
    "take the parent's descriptor": "EMFILE",
    "open a file": "EMFILE",
    "write a file": "EMFILE",
    "make a file in memory": "EMFILE",
    "make a pipe": "EMFILE",
    "make a socket": "EMFILE",
    "call Lambda's Runtime API": "EMFILE",
    "ask for the machine's credentials": "EMFILE",
    "duplicate the socket": "EINVAL",
}
RIGHTS = {
    "see the environment": "set()",
    "see descriptors": "socket device pipe",
    "fork": "EAGAIN",
    "start a thread": "can't start new thread",
    "raise the limit of descriptors": "not allowed to raise maximum limit",
    "raise the limit of processes": "not allowed to raise maximum limit",
    "become root": "EPERM",
    "change groups": "EPERM",
    "change the root": "EPERM",
    "grow it": "EFBIG",
}
REMAINING = {
    "make an empty file": "done",
    "remove it": "done",
    "signal the parent": "done",
    "lower the parent's limits": "done",
    "use memory": "done",
}
"""docs/sandbox.md says so."""


def test_broken_child_reaches_no_file_network_process_or_secret(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="ascii")
    user = NOBODY if os.getuid() == 0 else []
    command = [*user, sys.executable, "-I", str(PARENT), str(LAMBDA), str(secret)]
    output = subprocess.check_output(command, text=True, env={}, timeout=60)

    loading, running = json.loads(output)
    assert WHILE_LOADING.items() <= loading.items()
    assert running == SECRETS | OPENING | RIGHTS | REMAINING
