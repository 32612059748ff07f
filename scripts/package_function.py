"""Packages the Lambda function: the same bytes from the same sources, on any machine.

Run as ``python scripts/package_function.py``; see ``--help``.
"""

import argparse
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda" / "submission_intake"
PACKAGE = ROOT / "build" / "submission_intake.zip"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can state; sources carry no time of their own."""
_READABLE_FILE = 0o100644 << 16
_UNIX = 3


def write_package(source: Path, package: Path) -> None:
    """Write the deployment package of a Python package.

    Only modules get in: files, and folders with an ``__init__.py``, whose names are Python
    identifiers. Copies, backups and what an operating system leaves beside files are none.
    Nothing of the machine gets in: names are sorted, times and permissions fixed, line
    ends are LF, and files are stored rather than deflated, because what deflate writes
    depends on the zlib that Python was built with.
    https://docs.aws.amazon.com/lambda/latest/dg/python-package.html

    Args:
        source: the Python package's folder; its name is the package's name in the zip.
        package: the zip to write; it appears whole or not at all.

    Raises:
        FileNotFoundError: there is no module in ``source``.
    """
    modules = sorted(
        (path for path in source.rglob("*.py") if _is_module(path, source)),
        key=lambda path: path.relative_to(source).as_posix(),
    )
    if not modules:
        raise FileNotFoundError(f"There is no Python module in {source}: is the checkout complete?")
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        unfinished = Path(folder) / package.name
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
            for module in modules:
                name = f"{source.name}/{module.relative_to(source).as_posix()}"
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = _UNIX
                entry.external_attr = _READABLE_FILE
                archive.writestr(entry, module.read_bytes().replace(b"\r\n", b"\n"))
        unfinished.chmod(0o644)
        unfinished.replace(package)


def _is_module(path: Path, source: Path) -> bool:
    """Return whether a file can be imported as a module of the package."""
    *folders, _ = path.relative_to(source).parents
    return path.stem.isidentifier() and all(
        folder.name.isidentifier() and (source / folder / "__init__.py").is_file()
        for folder in folders
    )


def main() -> None:
    """Write the package where the command line says."""
    parser = argparse.ArgumentParser(description="Package the Lambda function.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="default: %(default)s")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="default: %(default)s")
    arguments = parser.parse_args()
    try:
        write_package(arguments.source, arguments.package)
    except FileNotFoundError as error:
        raise SystemExit(f"error: {error}") from None
    print(f"{arguments.package} ({arguments.package.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
