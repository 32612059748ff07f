"""Lists and reads a folder's files by the package format's rules."""

import os
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from grading.problem import MAX_PROBLEM_BYTES
from submitter.problems.findings import Findings

_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,254}")
_MEANT = frozenset({".in", ".ans", ".yaml", ".yml", ".py"})
"""Endings of files that somebody wants to be read."""
_CACHE = "__pycache__"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Package:
    """A folder's files. Those whose names the format does not allow are left out."""

    def __init__(self, root: Path, findings: Findings, entries: Collection[str] = ()) -> None:
        """Read nothing yet.

        Args:
            root: the folder.
            findings: gets what is wrong with files.
            entries: what matters of what is directly in it.
        """
        self.root = root
        self.findings = findings
        self._entries = entries
        self.constants: dict[str, str] = {}
        """What `read_template` fills in: by `name` and `name.variant`."""

    @cached_property
    def files(self) -> tuple[PurePosixPath, ...]:
        """The paths of the files that matter, relative to the folder, in a fixed order."""
        return tuple(sorted(self._walk(self.root)))

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The names of what is directly in the folder, without those that the format forbids."""
        return tuple(sorted(each.name for each in self.root.iterdir() if _is_name(each.name)))

    def below(self, *folder: str) -> list[PurePosixPath]:
        """Return the files in a folder and in its folders."""
        return [path for path in self.files if path.parts[: len(folder)] == folder]

    def has(self, path: str | PurePosixPath) -> bool:
        """Return whether there is a file."""
        return PurePosixPath(path) in self.files

    def place(self, path: str | PurePosixPath) -> Path:
        """Return a file's path as a person can open it."""
        return self.root / path

    def read_bytes(self, path: str | PurePosixPath) -> bytes:
        """Return a file's content; nothing, and an error, if it can't be read or is too large."""
        place = self.place(path)
        try:
            if (size := place.stat().st_size) <= MAX_PROBLEM_BYTES:
                return place.read_bytes()
            text = f"It has {size:,} bytes; a whole problem can have {MAX_PROBLEM_BYTES:,}."
        except OSError as error:
            text = f"It can't be read: {error.strerror}."
        self.findings.error(place, None, text)
        return b""

    def read_text(self, path: str | PurePosixPath) -> str:
        """Return a file's text; an error if it is not in UTF-8, or has a byte order mark."""
        content = self.read_bytes(path)
        place = self.place(path)
        if content.startswith(_BYTE_ORDER_MARK):
            text = "It begins with a byte order mark: save it as UTF-8 without one."
            self.findings.error(place, 1, text)
            content = content.removeprefix(_BYTE_ORDER_MARK)
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.findings.error(place, line, "It is not in UTF-8: save it as that.")
            return ""

    def read_template(self, path: str | PurePosixPath) -> str:
        """Return a file's text with the problem's constants filled in."""
        return _CONSTANT.sub(
            lambda found: self.constants.get(found[1], found[0]), self.read_text(path)
        )

    def has_content(self, path: str | PurePosixPath) -> bool:
        """Return whether a YAML file has more than comments."""
        lines = self.read_text(path).splitlines()
        return any(line.strip() and not line.lstrip().startswith("#") for line in lines)

    def _walk(self, folder: Path) -> Iterator[PurePosixPath]:
        try:
            entries = [*os.scandir(folder)]
        except OSError as error:
            self.findings.error(folder, None, f"It can't be read: {error.strerror}.")
            return
        for entry in entries:
            place = Path(entry.path)
            if folder == self.root and entry.name not in self._entries:
                continue
            if not _is_name(entry.name):
                self._check_left_out(place)
            elif entry.is_symlink() and not self._leads_inside(place):
                text = "This link leads out of the folder, or nowhere: copy the file instead."
                self.findings.error(place, None, text)
            elif entry.is_symlink() and entry.is_dir():
                text = "This link leads to a folder: copy the folder instead."
                self.findings.error(place, None, text)
            elif entry.is_dir():
                if entry.name != _CACHE:
                    yield from self._walk(place)
            else:
                yield PurePosixPath(place.relative_to(self.root).as_posix())

    def _check_left_out(self, place: Path) -> None:
        if place.suffix in _MEANT and not place.name.startswith("."):
            text = (
                "The name makes it no part of the problem: use letters from a to z, digits, "
                "and _ . - within the name."
            )
            self.findings.warn(place, None, text)

    def _leads_inside(self, place: Path) -> bool:
        target = place.resolve()
        return target.exists() and target.is_relative_to(self.root.resolve())


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


_CONSTANT = re.compile(r"\{\{([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)?)\}\}")
