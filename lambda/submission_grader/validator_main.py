"""Runs in the sandbox as the main program, and runs a problem's output validator.

The sandbox has no folder to write to. So what the validator writes to its feedback folder stays in
memory, and is printed at the end, as JSON; what the validator prints goes to standard error.

Its arguments are the validator's file, then those of the validator.
"""

import builtins
import io
import json
import linecache
import os
import sys
import traceback
from types import ModuleType
from typing import Any


class _Kept(io.BytesIO):
    """A file of the feedback folder."""

    def close(self) -> None:
        """Keep the content."""


def main() -> None:
    """Run the validator, and exit as it does."""
    del sys.argv[0]
    name, _, _, folder, *_ = sys.argv
    feedback: dict[str, _Kept] = {}
    sandbox_open = io.open
    # With a buffer, because each line of standard error calls the host.
    output = sys.stdout
    sys.stdout = io.TextIOWrapper(sys.stderr.buffer, "utf-8", "backslashreplace")

    def open_file(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:  # noqa: ANN401
        path = "" if isinstance(file, int) else os.fsdecode(file)
        if not path.startswith(folder) or not (path in feedback or set(mode) & set("wax")):
            return sandbox_open(file, mode, *args, **options)
        if path not in feedback or "w" in mode:
            feedback[path] = _Kept()
        kept = feedback[path]
        kept.seek(0, os.SEEK_END if "a" in mode else os.SEEK_SET)
        if "b" in mode:
            return kept
        return io.TextIOWrapper(kept, "utf-8", "backslashreplace", write_through=True)

    source = sandbox_open(name, "rb").read()
    lines = source.decode("utf-8-sig").splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    builtins.open = io.open = open_file
    module = sys.modules["__main__"] = ModuleType("__main__")
    module.__dict__.update(__file__=name, __builtins__=builtins)
    try:
        exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except Exception as error:  # noqa: BLE001 - printed without this module's frame
        trace = error.__traceback__
        traceback.print_exception(error.with_traceback(trace and trace.tb_next))
        sys.exit(1)
    finally:
        texts = {
            path.removeprefix(folder): kept.getvalue().decode(errors="replace")
            for path, kept in feedback.items()
        }
        print(json.dumps(texts), file=output, flush=True)


if __name__ == "__main__":
    main()
