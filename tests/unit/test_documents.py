"""The documents: their links lead somewhere, and the paths that they name are there."""

import re
from pathlib import Path

import pytest

from submitter.submit.submission import checked_submission

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
PATH = re.compile(r"`((?:lambda|scripts|terraform|tests|requirements)/[\w./-]*)`")
FILE = re.compile(r"`(\w+\.(?:py|sh))`")


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub makes from a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_have_targets(document: Path) -> None:
    for file, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / file if file else document
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def test_readme_links_every_document() -> None:
    linked = {file for file, _ in LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))}

    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= linked


def test_architecture_names_existing_files() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths, files = set(PATH.findall(text)), set(FILE.findall(text))
    there = {path.name for root in ("lambda", "scripts") for path in (ROOT / root).rglob("*.*")}

    assert paths
    assert files
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert files - there == set()


def test_guarantees_name_existing_tests() -> None:
    text = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)*test_\w+\.py)`", text))

    assert named
    assert {path for path in named if not any((ROOT / "tests").rglob(path))} == set()


def test_documented_recipe_makes_the_tools_subid() -> None:
    text = (ROOT / "docs" / "submitter.md").read_text(encoding="utf-8")
    [(lines, digest)] = re.findall(r"^\$ printf '(.+)' \| md5sum\n(\w+)", text, re.MULTILINE)
    admin, event, problem, *tokens = lines.split(r"\n")

    assert checked_submission(admin, event, problem, tokens).subid == digest
