"""Packages the Lambda functions: the same bytes from the same sources, on any machine.

Run as ``python scripts/package_function.py``; see ``--help``.
"""

import argparse
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAMBDA = ROOT / "lambda"
INTAKE = "submission_intake"
FUNCTIONS = {INTAKE: ("submission", INTAKE)}
"""The packages of `lambda` in each function's zip; every zip has the contract."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can store: the same for every file, so that zips are equal."""
_READABLE_FILE = 0o100644 << 16
_UNIX = 3


def sources_of(function: str, folder: Path = LAMBDA) -> list[Path]:
    """Return the folders of the packages in a function's zip."""
    return [folder / name for name in FUNCTIONS[function]]


def package_of(function: str) -> Path:
    """Return the zip that Terraform deploys for a function."""
    return ROOT / "build" / f"{function}.zip"


def write_package(sources: Sequence[Path], package: Path) -> None:
    """Write Python packages as a deployment package: the same bytes on any machine.

    It has only modules: files whose names are Python identifiers, in folders with an
    ``__init__.py``; no copies, backups or files of the operating system. Names are sorted, times
    and permissions fixed, line ends LF. Files are stored, because deflate's output depends on the
    zlib that Python was built with.
    https://docs.aws.amazon.com/lambda/latest/dg/python-package.html

    Args:
        sources: the packages' folders; the zip has their names.
        package: the zip to write, whole or not at all.

    Raises:
        FileNotFoundError: there is no module in one of ``sources``.
    """
    modules = {name: path for source in sources for name, path in _modules(source)}
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        unfinished = Path(folder) / package.name
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
            for name, module in sorted(modules.items()):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = _UNIX
                entry.external_attr = _READABLE_FILE
                archive.writestr(entry, module.read_bytes().replace(b"\r\n", b"\n"))
        unfinished.chmod(0o644)
        unfinished.replace(package)


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
    jobs = {package_of(function): sources_of(function) for function in FUNCTIONS}
    if arguments.package is not None:
        jobs = {arguments.package: arguments.source}
    for package, sources in jobs.items():
        try:
            write_package(sources, package)
        except FileNotFoundError as error:
            raise SystemExit(f"error: {error}") from None
        print(f"{package} ({package.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
