"""The style of all pages: its contrasts, on screens light and dark."""

import re
from pathlib import Path

import pytest

import submitter.page

STYLE = (Path(submitter.page.__file__).parent / "page.css").read_text(encoding="ascii")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)


def luminance(colour: str) -> float:
    # https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("text", "page", 4.5),
        ("text", "panel", 4.5),
        ("muted", "page", 4.5),
        ("good", "page", 4.5),
        ("bad", "page", 4.5),
        ("mark-text", "mark", 4.5),
        ("bar", "page", 3),
        ("line", "page", 3),
    ],
)
def test_contrast_is_that_of_wcag_aa(
    colours: dict[str, str], front: str, back: str, least: float
) -> None:
    high, low = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= least


def test_print_is_light() -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    assert set(LIGHT) == set(DARK)
