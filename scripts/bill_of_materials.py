"""Writes the software bill of materials of the function's package, as CycloneDX 1.7 JSON.

The same package gives the same bytes: nothing of the time or of the machine is in it.
https://cyclonedx.org/docs/1.7/json/

Run as ``python scripts/bill_of_materials.py``; see ``--help``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tomllib
import uuid
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "submission_intake.zip"
PROJECT = ROOT / "lambda" / "pyproject.toml"
RUNTIME_REQUIREMENTS = ROOT / "requirements" / "lambda.txt"

RUNTIME_PACKAGES = ("botocore",)
"""What the function imports that is not in the package: Lambda's runtime brings it."""

# Any fixed value does; with it, the serial number of a package is always the same one.
_SERIALS = uuid.UUID("8f4f2f0e-2d0c-5a53-9d5b-0a6d3f0f7d11")


def write_bill(package: Path, bill: Path, project: Path, requirements: Path) -> None:
    """Write the bill of materials of a deployment package.

    Args:
        package: the function's zip.
        bill: the JSON file to write.
        project: the ``pyproject.toml`` with the function's name and version.
        requirements: the locked packages that the tests run the function on.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: ``requirements`` does not lock what the runtime brings.
    """
    document = describe(package, project, requirements)
    bill.write_text(f"{json.dumps(document, indent=2, sort_keys=True)}\n", encoding="utf-8")


def describe(package: Path, project: Path, requirements: Path) -> dict[str, Any]:
    """Return the bill of materials; arguments and errors are those of ``write_bill``."""
    content = package.read_bytes()
    settings = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    function = f"{settings['name']}@{settings['version']}"
    runtime = [_runtime_package(name, requirements) for name in RUNTIME_PACKAGES]
    with zipfile.ZipFile(package) as archive:
        files = [_file(name, archive.read(name)) for name in sorted(archive.namelist())]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": uuid.uuid5(_SERIALS, _digest(content)).urn,
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": function,
                "name": settings["name"],
                "version": settings["version"],
                "description": settings["description"],
                "hashes": _hashes(content),
            },
        },
        "components": [*files, *runtime],
        "dependencies": [
            {"ref": function, "dependsOn": [package["bom-ref"] for package in runtime]},
            *({"ref": package["bom-ref"]} for package in runtime),
        ],
        # The files are all there are; of the runtime, only what the function imports is here.
        "compositions": [
            {"aggregate": "complete", "assemblies": [function]},
            {
                "aggregate": "incomplete",
                "dependencies": [package["bom-ref"] for package in runtime],
            },
        ],
    }


def _file(name: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "bom-ref": f"file:{name}", "name": name, "hashes": _hashes(content)}


def _runtime_package(name: str, requirements: Path) -> dict[str, Any]:
    """Describe a package that is not in the zip, as the one that the tests run on."""
    locked = requirements.read_text(encoding="utf-8")
    match = re.search(rf"^{re.escape(name)}==(\S+)", locked, re.MULTILINE)
    if match is None:
        raise ValueError(f"{requirements} does not lock {name}: add it, then run `make lock`")
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{match[1]}",
        "purl": f"pkg:pypi/{name}@{match[1]}",
        "name": name,
        "version": match[1],
        "isExternal": True,
        "description": (
            "Not in the package: AWS Lambda's Python runtime brings it, in a version of AWS's "
            "choice. The version here is the one the tests run on."
        ),
    }


def _hashes(content: bytes) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": _digest(content)}]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Write the bill of materials beside the package."""
    parser = argparse.ArgumentParser(description="Write the package's bill of materials.")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="default: %(default)s")
    arguments = parser.parse_args()
    bill = arguments.package.with_suffix(".cdx.json")
    try:
        write_bill(arguments.package, bill, PROJECT, RUNTIME_REQUIREMENTS)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f"error: {error}") from None
    print(bill)


if __name__ == "__main__":
    main()
