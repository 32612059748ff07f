"""Memory and size: the function's process at its first message, and its zip."""

from __future__ import annotations

import ast
import io
import shutil
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING, Any

from embedded_aws.project import ROOT
from package_function import SOURCE
from performance.function_runs.function_start import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROUNDS = 10
"""Starts of each side."""
PACKAGE_RUNS = 7
"""Runs of `make package`."""


def measure() -> dict[str, Any]:
    """Measure; see `performance/sections/footprint.py` for what becomes of it."""
    peak: dict[str, list[int]] = {}
    with surroundings() as place:
        sides = [place.intake(), place.tutorial()]
        for number in range(ROUNDS):
            for package in sides if number % 2 else sides[::-1]:
                peak.setdefault(package.name, []).append(place.start(package).peak_kib)
    return {
        "peak_kib": peak,
        "zip_bytes": {package.name: package.zip_bytes for package in sides},
        "zip_bytes_otherwise": sizes(SOURCE),
        "make_package_seconds": [_make_package() for _ in range(PACKAGE_RUNS)],
    }


def sizes(source: Path) -> dict[str, int]:
    """Return what the package would measure if it was made otherwise, in bytes.

    Args:
        source: the function's folder.
    """
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(source.glob("*.py"))}
    bare = {name: without_words(text) for name, text in files.items()}
    return {
        "deflated": _zip_bytes(source.name, files, zipfile.ZIP_DEFLATED),
        "without_words": _zip_bytes(source.name, bare, zipfile.ZIP_STORED),
        "without_words_deflated": _zip_bytes(source.name, bare, zipfile.ZIP_DEFLATED),
    }


def without_words(source: str) -> str:
    """Return a module's source without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
    return ast.unparse(tree) + "\n"


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _zip_bytes(folder: str, files: Mapping[str, str], compression: int) -> int:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression, compresslevel=9) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}"), text, compression)
    return len(content.getvalue())


def _make_package() -> float:
    """Run `make package`; return how long it took, in seconds."""
    began = time.perf_counter()
    subprocess.run(
        [shutil.which("make") or "make", "--no-print-directory", "package"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return round(time.perf_counter() - began, 3)
