"""A process with secrets, like the grader, whose child has been broken: `... LAMBDA FILE`.

Prints the attempts of broken_child.py, and what became of each.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from sandbox import End, Sandbox, runner

SECRET_DESCRIPTOR = 77

os.environ["AWS_SECRET_ACCESS_KEY"] = "secret"
os.dup2(os.open(sys.argv[2], os.O_RDONLY), SECRET_DESCRIPTOR, inheritable=True)
runner._CHILD = Path(__file__).with_name("broken_child.py")  # noqa: SLF001

with Sandbox(Path(sys.argv[1]), sys.executable) as sandbox:
    outcome = sandbox.run(b"")
    if outcome.end != End.EXITED:
        sys.exit(outcome.detail)
    sys.stdout.write(outcome.stdout.decode())
