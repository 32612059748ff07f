"""Text files in the encodings that people's shells write."""

import codecs
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(path: Path) -> str:
    """Read a text file: UTF-8, or UTF-16 as PowerShell's ``>`` writes it, with a mark or without.

    Args:
        path: the file. It must begin with an ASCII character, as JSON and TOML do.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not text.
    """
    content = path.read_bytes()
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    if content[1:2] == b"\0":
        return content.decode("utf-16-le")
    if content[:1] == b"\0":
        return content.decode("utf-16-be")
    return content.decode("utf-8")
