"""The bill of materials: valid CycloneDX, the package's own hashes, the same bytes every time."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import botocore
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import bill_of_materials
from bill_of_materials import PROJECT, RUNTIME_REQUIREMENTS, write_bill
from package_function import SOURCE, write_package


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "submission_intake.zip"
    write_package(SOURCE, path)
    return path


def bill_of(package: Path) -> dict[str, Any]:
    bill = package.with_suffix(".cdx.json")
    write_bill(package, bill, PROJECT, RUNTIME_REQUIREMENTS)
    document: dict[str, Any] = json.loads(bill.read_text(encoding="utf-8"))
    return document


def test_it_is_valid_by_cyclonedxs_own_schema(package: Path) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_7)
    document = bill_of(package)
    assert validator.validate_str(json.dumps(document)) is None
    # The validator does find faults.
    assert validator.validate_str(json.dumps(document | {"components": 1})) is not None


def test_it_names_every_file_of_the_package_with_its_hash_and_no_other(package: Path) -> None:
    document = bill_of(package)
    listed = {
        part["name"]: part["hashes"] for part in document["components"] if part["type"] == "file"
    }
    with zipfile.ZipFile(package) as archive:
        assert listed == {
            name: [{"alg": "SHA-256", "content": hashlib.sha256(archive.read(name)).hexdigest()}]
            for name in archive.namelist()
        }
    assert "submission_intake/handler.py" in listed
    assert document["metadata"]["component"]["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(package.read_bytes()).hexdigest()}
    ]


def test_what_lambda_brings_is_external_in_the_version_the_tests_run_on(package: Path) -> None:
    external = {
        part["name"]: part["version"]
        for part in bill_of(package)["components"]
        if part.get("isExternal")
    }
    assert external == {"botocore": botocore.__version__}


def test_everything_that_the_function_imports_is_in_it(package: Path) -> None:
    imported = {
        match[1]
        for path in SOURCE.glob("*.py")
        for match in re.finditer(r"^(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    named = {part["name"] for part in bill_of(package)["components"]}
    assert imported - sys.stdlib_module_names - {"submission_intake"} <= named


@pytest.mark.parametrize("environment", [{}, {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"}])
def test_the_command_writes_the_same_bytes_under_any_settings(
    package: Path, environment: dict[str, str]
) -> None:
    first = json.dumps(bill_of(package), indent=2, sort_keys=True) + "\n"
    os.utime(package, (10**9, 10**9))
    bill = package.with_suffix(".cdx.json")
    bill.unlink()
    result = subprocess.run(
        [sys.executable, bill_of_materials.__file__, "--package", package],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"{bill}\n"
    assert bill.read_bytes() == first.encode()


def test_another_package_has_another_bill(package: Path) -> None:
    before = bill_of(package)
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr("submission_intake/more.py", "")
    after = bill_of(package)
    assert after["serialNumber"] != before["serialNumber"]
    assert len(after["components"]) == len(before["components"]) + 1


def test_a_runtime_package_that_is_not_locked_is_an_error_that_names_it(
    package: Path, tmp_path: Path
) -> None:
    requirements = tmp_path / "lambda.txt"
    requirements.write_text("botocore-extras==1.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"lambda\.txt does not lock botocore: add it"):
        write_bill(package, tmp_path / "bill.json", PROJECT, requirements)
    assert not (tmp_path / "bill.json").exists()


def test_without_a_package_the_error_names_it(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, bill_of_materials.__file__, "--package", tmp_path / "none.zip"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "none.zip" in result.stderr
    assert "Traceback" not in result.stderr
