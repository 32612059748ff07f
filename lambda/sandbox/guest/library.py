"""Keeps the standard library, the time zones and a run's own modules in memory.

A program has no folder to import from. What is imported while the component is built is frozen into
it; the rest is kept as compressed code, which a finder imports when a program asks.
"""

import importlib
import importlib.util
import io
import linecache
import marshal
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.resources.abc import Traversable, TraversableResources
from pathlib import Path
from types import CodeType, ModuleType

IMPORTED_BEFOREHAND = """
abc argparse array ast asyncio bisect calendar cmath codecs collections collections.abc
concurrent.futures contextlib copy csv dataclasses datetime decimal difflib enum fractions
functools gc hashlib heapq html importlib.resources inspect io itertools json locale logging
math numbers operator os pathlib pprint queue random re secrets shutil signal statistics string
struct subprocess sys tempfile textwrap threading time timeit traceback types typing unicodedata
unittest urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zoneinfo
"""
"""What courses use: importing these then costs a program nothing."""

# Tests, and what needs a window, a folder to install into, or another process.
LEFT_OUT = {"test", "idlelib", "tkinter", "turtledemo", "ensurepip", "venv", "__pycache__"}


class _ZoneFiles(TraversableResources):
    """The files of a package of tzdata."""

    def __init__(self, folder: zipfile.Path) -> None:
        self._folder = folder

    def files(self) -> Traversable:
        return self._folder


class Library(MetaPathFinder, InspectLoader):
    """Imports modules from memory."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}
        self._packages: set[str] = set()
        self._zones: zipfile.ZipFile | None = None
        self.sources: dict[str, bytes] = {}
        """A run's own modules."""

    def bake(self, folders: Sequence[str]) -> None:
        """Keep every module of these folders, and the files of tzdata."""
        zones = io.BytesIO()
        with zipfile.ZipFile(zones, "w", zipfile.ZIP_DEFLATED) as archive:
            for folder in map(Path, folders):
                for path in _files(folder):
                    relative = path.relative_to(folder)
                    if path.suffix == ".py":
                        self._bake_module(path, relative)
                    elif relative.parts[0] == "tzdata":
                        archive.writestr(relative.as_posix(), path.read_bytes())
        self._zones = zipfile.ZipFile(zones)

    def _bake_module(self, path: Path, relative: Path) -> None:
        name = ".".join(relative.with_suffix("").parts)
        package = name.removesuffix(".__init__")
        with suppress(SyntaxError):  # templates and tests of syntax
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            self._code.setdefault(package, zlib.compress(marshal.dumps(code), 9))
            if package != name:
                self._packages.add(package)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module in memory."""
        if fullname not in self._code and fullname not in self.sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=self.is_package(fullname))

    def is_package(self, fullname: str) -> bool:
        """Return whether a module is a package."""
        return fullname in self._packages

    def get_source(self, fullname: str) -> str | None:
        """Return the source of a run's own module; the library's is not kept."""
        source = self.sources.get(fullname)
        return None if source is None else importlib.util.decode_source(source)

    def get_code(self, fullname: str) -> CodeType:
        """Return a module's code."""
        if (source := self.sources.get(fullname)) is not None:
            file = f"{fullname}.py"
            remember_source(file, source)
            return compile(source, file, "exec", dont_inherit=True)
        code: CodeType = marshal.loads(zlib.decompress(self._code[fullname]))  # noqa: S302 - ours
        return code

    def get_resource_reader(self, fullname: str) -> _ZoneFiles | None:
        """Return the files of a package of tzdata, for zoneinfo."""
        if self._zones is None or fullname.partition(".")[0] != "tzdata":
            return None
        return _ZoneFiles(zipfile.Path(self._zones, fullname.replace(".", "/") + "/"))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name.isidentifier() and path.name not in LEFT_OUT:
                yield from _files(path)
        elif path.is_file():
            yield path


def remember_source(file: str, source: bytes) -> None:
    """Let tracebacks show a file's lines."""

    def decode() -> str:
        with suppress(Exception):  # a source that can't be decoded has no lines to show
            return importlib.util.decode_source(source)
        return ""

    linecache.cache[file] = (decode,)


def freeze_library(folders: Sequence[str]) -> Library:
    """Bake the library, import what is common, and leave no other way to import."""
    library = Library()
    library.bake([f for f in folders if Path(f, "os.py").exists() or Path(f, "tzdata").exists()])
    sys.meta_path.append(library)
    for name in IMPORTED_BEFOREHAND.split():
        importlib.import_module(name)
    sys.path.clear()
    sys.path_importer_cache.clear()
    return library


def set_modules(library: Library, files: Mapping[str, bytes]) -> None:
    """Let a run import its own files, which come before the library's, as in a program's folder."""
    library.sources = {
        name.removesuffix(".py"): data for name, data in files.items() if name.endswith(".py")
    }
    for name in library.sources.keys() - set(sys.builtin_module_names):
        sys.modules.pop(name, None)
