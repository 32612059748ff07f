"""The pages in a browser: readable by everyone, offline, without scripts, in print."""

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from pages.chromium import Chromium, Tab
from submitter.report.page import report_page
from submitter.report.summary import NoRecord, Record, read_record, sum_up
from unit.submitter.feedback.test_view import TRACEBACK, page_of, printed, sample
from unit.submitter.pages import HOSTILE
from unit.submitter.report.test_report import ADMIN, DUE, EVENT, PROBLEMS, SETTINGS, graded, key_of

pytestmark = pytest.mark.timeout(30)

_CHECK = """axe.run().then(found => ({
  passes: found.passes.map(rule => rule.id),
  violations: found.violations.map(
    rule => [rule.id, ...rule.nodes.map(node => node.html + ": " + node.failureSummary)]),
}))"""
_BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def report() -> str:
    """Return the report of a course in which everything happens."""
    results = {
        key_of(number, problem): graded(number, problem)
        for problem in PROBLEMS
        for number in range(100)
    }
    results |= {
        key_of(1000 + number): {"status": "rejected", "reason": reason}
        for number, reason in enumerate(HOSTILE)
    }
    found: dict[Any, Record | NoRecord] = {
        key: read_record(json.dumps(result).encode()) for key, result in results.items()
    }
    found[key_of(2000)] = NoRecord.UNREADABLE
    return report_page(sum_up((ADMIN, EVENT), SETTINGS, None, found.items()), DUE)


PAGES = {
    "report": report(),
    "empty-report": report_page(sum_up((ADMIN, EVENT), None, None, ()), DUE),
    "feedback": page_of(
        sample(printed("\n".join(HOSTILE).encode(errors="replace"), stderr=TRACEBACK))
    ),
    "feedback-blanks": page_of(sample(printed("42\t \n"), output_validator_args=())),
}


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(PAGES[request.param], tmp_path / f"{request.param}.html")


def written(text: str, file: Path) -> Path:
    file.write_text(text, encoding="ascii")
    return file


def violations(tab: Tab, axe: str) -> list[list[str]]:
    # The check waits with timers, which run only where scripts may.
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    tab.evaluate(axe)
    found = tab.evaluate(_CHECK)
    assert {"document-title", "landmark-one-main", "region"} <= set(found["passes"])
    violations: list[list[str]] = found["violations"]
    return violations


def picture_rows(png: bytes) -> set[bytes]:
    """Return the different rows of pixels of a picture, as PNG filters them."""
    at, data, width = 8, b"", 0
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        content = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, _, depth, colours = struct.unpack_from(">IIBB", content)
            assert (depth, colours) in {(8, 2), (8, 6)}, "a picture in RGB or RGBA"
            width = 1 + width * (3 if colours == 2 else 4)
        elif kind == b"IDAT":
            data += content
        at += size + 12
    pixels = zlib.decompress(data)
    return {pixels[start : start + width] for start in range(0, len(pixels), width)}


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
def test_page_on_a_screen(
    chromium: Chromium, page: Path, axe: str, pictures: Path, look: str
) -> None:
    dark, width = look == "dark", 320 if look == "narrow" else 1000
    with chromium.tab(page, width=width, dark=dark) as tab:
        assert tab.requests() == [page.as_uri()]
        assert violations(tab, axe) == []
        assert tab.evaluate("document.documentElement.scrollWidth") == width, "nothing is cut off"
        assert (tab.evaluate(_BACKGROUND) == "rgb(255, 255, 255)") != dark
        picture = tab.screenshot()
    (pictures / f"{page.stem}-{look}.png").write_bytes(picture)
    assert len(picture_rows(picture)) > 50


def test_page_in_print(chromium: Chromium, page: Path, axe: str, pictures: Path) -> None:
    with chromium.tab(page) as tab:
        tab.emulate("print", dark=True)
        assert violations(tab, axe) == []
        assert tab.evaluate(_BACKGROUND) == "rgb(255, 255, 255)", "ink is for the text"
        document = tab.print()
    (pictures / f"{page.stem}.pdf").write_bytes(document)
    assert document.startswith(b"%PDF-")
    sheets = len(re.findall(rb"/Type */Page\b", document))
    assert sheets > 3 if page.stem == "report" else sheets >= 1


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("html-has-lang", ' lang="en"', ""),
        ("color-contrast", "--muted: #55555f", "--muted: #aaaaaf"),
        ("scrollable-region-focusable", ' tabindex="0"', ""),
        ("empty-table-header", '<th scope="col">Problem</th>', '<th scope="col"></th>'),
    ],
)
def test_broken_page_is_noticed(  # noqa: PLR0913, PLR0917 - fixtures
    chromium: Chromium, axe: str, tmp_path: Path, rule: str, old: str, new: str
) -> None:
    assert old in PAGES["report"]
    page = written(PAGES["report"].replace(old, new), tmp_path / "broken.html")
    with chromium.tab(page, width=320) as tab:
        assert rule in [found for found, *_ in violations(tab, axe)]


def test_page_that_loads_something_is_noticed(chromium: Chromium, tmp_path: Path) -> None:
    image = "<main><img src='https://example.invalid/image.png' alt=''>"
    page = written(PAGES["report"].replace("<main>", image), tmp_path / "broken.html")
    with chromium.tab(page) as tab:
        assert tab.requests()[1:] == ["https://example.invalid/image.png"]


def test_blank_page_is_noticed(chromium: Chromium, tmp_path: Path) -> None:
    page = written(PAGES["report"].replace("<main>", "<main hidden>"), tmp_path / "broken.html")
    with chromium.tab(page) as tab:
        assert len(picture_rows(tab.screenshot())) < 5
