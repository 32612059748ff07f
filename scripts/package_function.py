"""Packages the Lambda functions: the same bytes from the same sources, on any machine.

The grader's zip has the sandbox's component, of which two builds differ in bytes. So it is written
once for its sources; a file beside it has their digest, on which Terraform's hash rests.

Run as ``python scripts/package_function.py``; see ``--help``.
"""

import argparse
import base64
import hashlib
import importlib.util
import platform
import py_compile
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import build_sandbox

ROOT = Path(__file__).resolve().parent.parent
LAMBDA = ROOT / "lambda"
INTAKE = "submission_intake"
GRADER = "submission_grader"
FUNCTIONS = {
    INTAKE: ("submission", INTAKE),
    GRADER: ("grading", "sandbox", "submission", GRADER),
}
"""The packages of `lambda` in each function's zip; every zip has the contract."""
IMAGE = "image"
"""The folder of the sandbox's component in the grader's zip."""
MACHINE = f"{platform.machine()}-{platform.system()}".lower()
IS_LIKE_LAMBDA = MACHINE == "x86_64-linux"
"""Whether the grader's zip of this machine also runs in Lambda."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can store: the same for every file, so that zips are equal."""
_READABLE_FILE = 0o100644 << 16
_UNIX = 3


def sources_of(function: str, folder: Path = LAMBDA) -> list[Path]:
    """Return the folders of the packages in a function's zip."""
    return [folder / name for name in FUNCTIONS[function]]


def package_of(function: str) -> Path:
    """Return a function's zip: what Terraform deploys, except a grader for another machine."""
    for_machine = "" if function == INTAKE or IS_LIKE_LAMBDA else f".{MACHINE}"
    return ROOT / "build" / f"{function}{for_machine}.zip"


def digest_file(package: Path) -> Path:
    """Return the file with the digest of what a package was made from, in base64."""
    return package.with_name(f"{package.name}.digest")


def build_package(function: str) -> Path:
    """Write a function's package, unless that is done; return it.

    Raises:
        FileNotFoundError: a part of it is missing.
    """
    package, sources = package_of(function), sources_of(function)
    if function == INTAKE:
        write_package(sources, package)
        return package
    kept, digest = digest_file(package), _grader_digest(sources)
    if not (package.exists() and kept.exists() and kept.read_text(encoding="ascii") == digest):
        kept.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            others = _sandbox_files()
            modules = {name: path for source in sources for name, path in _modules(source)}
            modules |= {name: path for name, path in others.items() if path.suffix == ".py"}
            write_package(sources, package, others | _bytecode(modules, Path(folder)))
        kept.write_text(digest, encoding="ascii")
    return package


def write_package(
    sources: Sequence[Path], package: Path, others: Mapping[str, Path] | None = None
) -> None:
    """Write Python packages as a deployment package: the same bytes on any machine.

    It has only modules: files whose names are Python identifiers, in folders with an
    ``__init__.py``; no copies, backups or files of the operating system. Names are sorted, times
    and permissions fixed, line ends LF. Modules are stored, because deflate's output depends on the
    zlib that Python was built with.
    https://docs.aws.amazon.com/lambda/latest/dg/python-package.html

    Args:
        sources: the packages' folders; the zip has their names.
        package: the zip to write, whole or not at all.
        others: further files, by their names in the zip: compressed, and otherwise as they are.

    Raises:
        FileNotFoundError: there is no module in one of ``sources``.
    """
    modules = {name: path for source in sources for name, path in _modules(source)}
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        unfinished = Path(folder) / package.name
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
            for name, module in sorted(modules.items()):
                archive.writestr(_entry(name), _text(module))
            for name, path in sorted((others or {}).items()):
                entry = _entry(name)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as file, archive.open(entry, "w") as target:
                    shutil.copyfileobj(file, target)
        unfinished.chmod(0o644)
        unfinished.replace(package)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _READABLE_FILE
    return entry


def _text(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


def _grader_digest(sources: Sequence[Path]) -> str:
    """Return the digest of the grader's modules, of its sandbox, and of this file."""
    parts = {name: path for source in sources for name, path in _modules(source)}
    parts["package_function.py"] = Path(__file__)
    whole = hashlib.sha256(f"{build_sandbox.digest()} {MACHINE}\n".encode())
    for name, path in sorted(parts.items()):
        text = _text(path)
        whole.update(f"{name} {len(text)}\n".encode() + text)
    return base64.b64encode(whole.digest()).decode()


def _sandbox_files() -> dict[str, Path]:
    """Return wasmtime and the compiled component, by their names in the zip."""
    compiled = build_sandbox.image_folder() / f"{MACHINE}.cwasm"
    wasmtime = next((ROOT / ".venv-sandbox").glob("lib/python3*/site-packages/wasmtime"), None)
    if wasmtime is None or not compiled.exists():
        raise FileNotFoundError("The grader's sandbox is not built. Run: make sandbox")
    files = {
        path.relative_to(wasmtime.parent).as_posix(): path
        for path in wasmtime.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return files | {f"{IMAGE}/{compiled.name}": compiled}


def _bytecode(modules: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Compile modules into a folder; return the files by their names in the zip.

    A function can't keep bytecode, so it would compile its modules at each cold start, which takes
    0.15 s of processor time. Another version of Python ignores these files.
    """
    compiled = {}
    for number, (name, path) in enumerate(sorted(modules.items())):
        file = folder / f"{number}.pyc"
        # Unchecked, because the sources in the zip have other times.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(path), str(file), name, doraise=True, invalidation_mode=mode)
        compiled[importlib.util.cache_from_source(name)] = file
    return compiled


def _modules(source: Path) -> list[tuple[str, Path]]:
    """Return a package's modules, each with its name in the zip."""
    modules = [
        (f"{source.name}/{path.relative_to(source).as_posix()}", path)
        for path in source.rglob("*.py")
        if _is_module(path, source)
    ]
    if not modules:
        raise FileNotFoundError(f"Found no Python module in {source}. Complete the checkout.")
    return modules


def _is_module(path: Path, source: Path) -> bool:
    """Return whether a file can be imported as a module of the package."""
    *folders, _ = path.relative_to(source).parents
    return (
        path.stem.isidentifier()
        and path.is_file()
        and all(
            folder.name.isidentifier() and (source / folder / "__init__.py").is_file()
            for folder in folders
        )
    )


def main() -> None:
    """Write every function's package, or the one that the command line names."""
    parser = argparse.ArgumentParser(description="Package the Lambda functions.")
    parser.add_argument(
        "--source", type=Path, action="append", help="package this folder instead; repeatable"
    )
    parser.add_argument("--package", type=Path, help="write these folders into this zip")
    arguments = parser.parse_args()
    if (arguments.source is None) != (arguments.package is None):
        parser.error("--source and --package go together")
    try:
        if arguments.package is None:
            packages = [build_package(function) for function in FUNCTIONS]
        else:
            write_package(arguments.source, arguments.package)
            packages = [arguments.package]
    except FileNotFoundError as error:
        raise SystemExit(f"error: {error}") from None
    for package in packages:
        print(f"{package} ({package.stat().st_size:,} bytes)")
    if arguments.package is None and not IS_LIKE_LAMBDA:
        print(
            f"notice: the grader's zip is for {MACHINE}. To deploy one, package it on x86-64 Linux,"
            " such as in CI."
        )


if __name__ == "__main__":
    main()
