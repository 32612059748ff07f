"""The schemas, with which editors complete and check, know the keys that the reader knows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import submitter.problems
from submitter.problems.event_folder import read_event_folder
from submitter.problems.yaml_file import Mapping
from unit.submitter.problems.folders import GROUPS, write_event_folder, write_files

SCHEMAS = Path(submitter.problems.__file__).parent / "schemas"
FILES = {
    "problem": "problem.yaml",
    "event": "event.yaml",
    "test_group": "test_group.yaml",
    "case": "1.yaml",
    "submissions": "submissions.yaml",
}
PATTERNS = {"accepted", "sample"}


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def properties(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    """Yield the names of all properties in a schema."""
    if isinstance(value, dict):
        if isinstance(named := value.get("properties"), dict):
            yield from named
        for inner in value.values():
            yield from properties(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from properties(inner)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The keys that the reader asked for, by the files' names."""
    asked: dict[str, set[str]] = {}
    take, ignore = Mapping.take, Mapping.ignore

    def noting_take(self: Mapping, key: str, convert: Any, default: Any) -> Any:  # noqa: ANN401
        asked.setdefault(self.file.name, set()).add(key)
        return take(self, key, convert, default)

    def noting_ignore(self: Mapping, *keys: str, why: str) -> None:
        asked.setdefault(self.file.name, set()).update(keys)
        ignore(self, *keys, why=why)

    monkeypatch.setattr(Mapping, "take", noting_take)
    monkeypatch.setattr(Mapping, "ignore", noting_ignore)
    write_event_folder(tmp_path, "lab1")
    rules = "accepted:\n  sample: {permitted: [AC]}\n"
    more: dict[str, str | bytes | None] = {
        "data/sample/1.yaml": "hint: a\n",
        "submissions/submissions.yaml": rules,
    }
    for name in [name for name, content in GROUPS.items() if content is None]:
        (tmp_path / "lab1" / name).unlink()
    write_files(tmp_path / "lab1", GROUPS | more)
    read = read_event_folder(tmp_path)
    assert read.problems[0].problem
    return asked


@pytest.mark.parametrize("name", FILES)
def test_a_schema_has_the_readers_keys(name: str, known: dict[str, set[str]]) -> None:
    assert {*properties(schema(name))} == known[FILES[name]] - PATTERNS


@pytest.mark.parametrize("name", [name for name in FILES if name != "submissions"])
def test_a_schema_allows_no_other_keys(name: str) -> None:
    assert schema(name)["additionalProperties"] is False


def test_each_schema_is_tested() -> None:
    assert {each.stem for each in SCHEMAS.iterdir()} == FILES.keys()
