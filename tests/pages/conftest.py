"""Chromium, and the pages as files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.chromium import Chromium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def installed() -> Path:
    folder = ROOT / ".browser"
    assert (folder / "complete").exists(), "Run: make test-pages"
    return folder


@pytest.fixture(scope="session")
def chromium(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(installed, tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


@pytest.fixture(scope="session")
def axe(installed: Path) -> str:
    """The check of accessibility."""
    return (installed / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the pages are kept, to look at."""
    folder = ROOT / "build" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
