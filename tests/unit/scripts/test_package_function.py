"""The zip: the same bytes from the same sources on every machine."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import package_function
from package_function import (
    FUNCTIONS,
    GRADER,
    INTAKE,
    LAMBDA,
    build_package,
    digest_file,
    package_of,
    sources_of,
    write_package,
)
from unit.submission_intake.examples import event_file

FILES = {
    # In this order by the bytes of the whole name, which is not the order of the folders' parts.
    "__init__.py": b'"""A package."""\n',
    "a.py": b"A = 1\n\nB = 2\n",
    "a/__init__.py": b"",
    "a/b.py": "NAME = 'Zoë'\n".encode(),
    "a0.py": b"LONE_CARRIAGE_RETURN = 0\r# \n",
    "z.py": b"Z = 1\n",
}
DIGEST = "ab61b008f8ba128281214cdcedce0697cc08e74c4cf462fe49a5203c861f1ecf"
"""SHA-256 of the package of these files. It may change with the packaging, never with a machine."""


def write_sources(source: Path, names: Iterable[str] = FILES) -> Path:
    """Write the source files, in the order of their names as given."""
    for name in names:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
    return source


def digest(package: Path) -> str:
    return hashlib.sha256(package.read_bytes()).hexdigest()


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as make does, in another environment."""
    return subprocess.run(
        [sys.executable, package_function.__file__, *arguments],
        env=environment,
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_sources(tmp_path / "checkout" / "packed")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "build" / "package.zip"


def nothing(_source: Path) -> None:
    """Change nothing."""


def write_crlf(source: Path) -> None:
    for path in source.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def write_leftovers(source: Path) -> None:
    for name in (
        *("__pycache__/a.cpython-313.pyc", "a/__pycache__/b.pyc", "notes.md", "a/.b.py.swp"),
        # What macOS, Jupyter, editors and people who make copies leave.
        *("._a.py", "a/._b.py", "a/.ipynb_checkpoints/b-checkpoint.py", ".hidden/__init__.py"),
        *("a-checkpoint.py", "a copy.py", "a (1).py", "a 2.py", "a.orig.py", "a~.py", "1.py"),
        *("build/lib/a.py", "a/old/b.py", "__pycache__/a.py", "old copy/__init__.py"),
    ):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left over")
    for name in (".#a.py", "x.py"):
        (source / name).symlink_to("somebody@somewhere.1234")


def change_modes(source: Path) -> None:
    for path in source.rglob("*.py"):
        path.chmod(0o755)
    (source / "a.py").chmod(0o600)


def change_times(source: Path) -> None:
    for number, path in enumerate(source.rglob("*.py")):
        os.utime(path, (10**9 + number, 10**9 + number))


@pytest.mark.parametrize(
    "change", [nothing, write_crlf, write_leftovers, change_modes, change_times]
)
def test_zip_is_the_same_in_every_checkout(
    change: Callable[[Path], None], source: Path, package: Path
) -> None:
    change(source)
    write_package([source], package)
    assert digest(package) == DIGEST


@pytest.mark.parametrize("order", [sorted(FILES), sorted(FILES, reverse=True)])
def test_zip_is_the_same_in_every_order_of_files(
    order: list[str], tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_sources(tmp_path / "other" / "place" / "packed", order)

    def listed(folder: Path, _pattern: str) -> Iterator[Path]:
        return (folder / name for name in order)

    monkeypatch.setattr(Path, "rglob", listed)
    write_package([source], package)
    assert digest(package) == DIGEST


def test_zip_is_the_same_at_any_time(
    source: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_day = time.struct_time((2031, 2, 3, 4, 5, 6, 0, 34, 0))
    monkeypatch.setattr(time, "localtime", lambda *_: another_day)
    write_package([source], package)
    assert digest(package) == DIGEST


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1700000000", "LC_ALL": "C"},
        {"TZ": "America/Adak", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0", "LC_ALL": "POSIX"},
    ],
)
def test_command_writes_the_same_zip_under_any_settings(
    environment: dict[str, str], source: Path, package: Path
) -> None:
    result = run("--source", source, "--package", package, **environment)
    assert result.stderr == ""
    assert result.stdout == f"{package} ({package.stat().st_size:,} bytes)\n"
    assert digest(package) == DIGEST
    assert package.stat().st_mode & 0o777 == 0o644


def test_zip_has_sorted_readable_files_without_times(source: Path, package: Path) -> None:
    write_package([source], package)
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        contents = {entry.filename: archive.read(entry) for entry in entries}
    assert [entry.filename for entry in entries] == [f"packed/{name}" for name in FILES]
    assert contents == {f"packed/{name}": content for name, content in FILES.items()}
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.create_system == 3
        assert entry.external_attr == 0o100644 << 16
        assert entry.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("backwards", [False, True])
def test_zip_sorts_its_packages(
    backwards: bool,  # noqa: FBT001 - a parameter of pytest's
    tmp_path: Path,
    package: Path,
) -> None:
    sources = [write_sources(tmp_path / name) for name in ("contract", "contract_user")]
    write_package(sources[::-1] if backwards else sources, package)
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == [
            f"{folder}/{name}" for folder in ("contract", "contract_user") for name in FILES
        ]


def test_every_function_has_the_contract_in_its_zip() -> None:
    assert all("submission" in packages for packages in FUNCTIONS.values())
    packaged = {name for packages in FUNCTIONS.values() for name in packages}
    assert packaged == {path.parent.name for path in LAMBDA.glob("*/__init__.py")}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose sandbox is built, with a compiled component and a wasmtime of no use."""
    root = tmp_path / "checkout"
    wasmtime = root / ".venv-sandbox" / "lib" / "python3.13" / "site-packages" / "wasmtime"
    image = root / "build" / "sandbox" / "digest"
    for path in (
        *(wasmtime / "__init__.py", wasmtime / "linux-x86_64" / "_libwasmtime.so"),
        *(wasmtime / "__pycache__" / "__init__.cpython-313.pyc", image / "python.wasm"),
        image / f"{package_function.MACHINE}.cwasm",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\r\n" * 1000)
    monkeypatch.setattr(package_function, "ROOT", root)
    monkeypatch.setattr("build_sandbox.image_folder", lambda: image)
    return root


@pytest.mark.usefixtures("root")
def test_grader_is_not_compiled_at_each_start(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_package(GRADER)) as archive:
        archive.extractall(tmp_path / "task")
    # Nothing compiles, although the sources' times are not those of the bytecode.
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from importlib.util import find_spec\n"
        "loader = find_spec('submission_grader.handler').loader\n"
        "loader.source_to_code = None\n"
        "print(loader.get_code('submission_grader.handler').co_filename)\n"
    )
    command = [sys.executable, "-I", "-c", code, str(tmp_path / "task")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip() == str(tmp_path / "task" / "submission_grader" / "handler.py")


@pytest.mark.usefixtures("root")
def test_grader_zip_has_its_modules_and_the_sandbox() -> None:
    package = build_package(GRADER)
    with zipfile.ZipFile(package) as archive:
        others = {
            *("wasmtime/__init__.py", "wasmtime/linux-x86_64/_libwasmtime.so"),
            f"image/{package_function.MACHINE}.cwasm",
        }
        modules = {
            path.relative_to(LAMBDA).as_posix()
            for folder in FUNCTIONS[GRADER]
            for path in (LAMBDA / folder).glob("*.py")
        }
        compiled = {name for name in archive.namelist() if name.endswith(".pyc")}
        assert compiled == {
            importlib.util.cache_from_source(name) for name in (*modules, "wasmtime/__init__.py")
        }
        assert {*archive.namelist()} == modules | others | compiled
        for name in others:
            assert archive.read(name) == b"\r\n" * 1000
            assert archive.getinfo(name).compress_size < 1000


def test_grader_zip_is_written_once_for_its_sources(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = build_package(GRADER)
    digest = digest_file(package).read_text(encoding="ascii")
    # Another build of the sandbox, which has other bytes.
    for path in (root / "build" / "sandbox").rglob("*.cwasm"):
        path.write_bytes(b"another build")
    before = package.read_bytes()
    assert build_package(GRADER).read_bytes() == before
    package.unlink()
    assert build_package(GRADER).read_bytes() != before
    assert digest_file(package).read_text(encoding="ascii") == digest

    monkeypatch.setattr("build_sandbox.digest", lambda: "another guest")
    build_package(GRADER)
    assert digest_file(package).read_text(encoding="ascii") != digest


def test_grader_zip_needs_the_sandbox(root: Path) -> None:
    for path in (root / "build").rglob("*.cwasm"):
        path.unlink()
    with pytest.raises(FileNotFoundError, match="Run: make sandbox"):
        build_package(GRADER)
    assert not package_of(GRADER).exists()


def test_grader_zip_of_another_machine_is_not_the_one_to_deploy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployed = LAMBDA.parent / "build" / "submission_grader.zip"
    monkeypatch.setattr(package_function, "MACHINE", "arm64-darwin")
    monkeypatch.setattr(package_function, "IS_LIKE_LAMBDA", False)
    assert package_of(GRADER) != deployed
    assert package_of(INTAKE).name == f"{INTAKE}.zip"


@pytest.mark.parametrize("argument", ["--source", "--package"])
def test_source_without_package_is_a_usage_error(argument: str, tmp_path: Path) -> None:
    result = run(argument, tmp_path / "anything")
    assert result.returncode == 2
    assert "--source and --package go together" in result.stderr


def test_intake_zip_has_all_modules_and_runs(package: Path) -> None:
    write_package(sources_of(INTAKE), package)
    with zipfile.ZipFile(package) as archive:
        assert set(archive.namelist()) == {
            f"{folder}/{path.name}"
            for folder in ("submission", "submission_intake")
            for path in (LAMBDA / folder).glob("*.py")
        }
    code = (
        "import json, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from submission_intake import handler\n"
        "answer = handler.lambda_handler(json.load(sys.stdin), None)\n"
        "print(json.dumps([handler.__file__, type(handler.__loader__).__name__, answer]))\n"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", code, package],
        input=json.dumps(event_file("test_event")),
        env={"AWS_DEFAULT_REGION": "us-west-2", "SUBMITTER_QUEUE_URL": "https://queue"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == [
        f"{package}/submission_intake/handler.py",
        "zipimporter",
        {"announced": 0, "ignored": {"test_event": 1}},
    ]


@pytest.mark.parametrize("before", [None, b"the package of before"])
def test_failed_write_leaves_the_old_zip(before: bytes | None, source: Path, package: Path) -> None:
    package.parent.mkdir()
    if before is not None:
        package.write_bytes(before)
    # A file like any other, until it is read.
    (source / "zz.py").symlink_to("/proc/self/mem")
    with pytest.raises(OSError, match="Input/output error"):
        write_package([source], package)
    assert [path.read_bytes() for path in package.parent.iterdir()] == (
        [] if before is None else [before]
    )


def test_reader_of_the_old_zip_never_sees_the_new_one(source: Path, package: Path) -> None:
    package.parent.mkdir()
    package.write_bytes(b"the package of before")
    with package.open("rb") as reader:
        write_package([source], package)
        assert reader.read() == b"the package of before"
    assert digest(package) == DIGEST
    assert list(package.parent.iterdir()) == [package]


@pytest.mark.parametrize("files", [None, [], ["notes.md", "module.pyc", "py", "._a.py"]])
def test_source_without_modules_is_an_error(
    files: list[str] | None, tmp_path: Path, package: Path
) -> None:
    empty = tmp_path / "empty"
    if files is not None:
        empty.mkdir()
        for name in files:
            (empty / name).touch()
    message = f"Found no Python module in {empty}. Complete the checkout."
    with pytest.raises(FileNotFoundError) as raised:
        write_package([empty], package)
    assert str(raised.value) == message
    result = run("--source", empty, "--package", package)
    assert result.returncode != 0
    assert result.stderr == f"error: {message}\n"
    assert not package.exists()
