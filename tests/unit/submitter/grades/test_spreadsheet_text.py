"""No cell can be run as a formula, and numbers and nothing stay what they are."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submitter.grades.spreadsheet_text import csv_text, harmless


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+2", "'=1+2"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        (" =1", "' =1"),
        # OWASP's own examples.
        ('=1+2";=1+2', "'=1+2\";'=1+2"),
        ("=1+2'\" ;,=1+2", "'=1+2'\" ;,'=1+2"),
        ("Ash, Anna", "Ash, Anna"),
        ("Anna-Lena O'Hara", "Anna-Lena O'Hara"),
        ("anna@example.org", "anna@example.org"),
        ("1=1", "1=1"),
        ("", ""),
    ],
)
def test_text_gets_an_apostrophe_where_a_formula_would_begin(text: str, written: str) -> None:
    assert harmless(text) == written


def test_numbers_are_not_texts() -> None:
    assert csv_text([["a,b", 7.0, -1.5, None, ""]]) == '"a,b",7,-1.5,,\r\n'


@given(st.lists(st.text("=+-@,;\t\r\n\"' a")))
def test_no_separator_makes_a_formula(cells: list[str]) -> None:
    """Whichever the spreadsheet takes for one, with white space before it or not."""
    text = csv_text([["first", *cells]])

    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not any(cell.strip()[:1] in {*"=+-@"} for cell in row)
    [row] = csv.reader(io.StringIO(text, newline=""))
    assert row == ["first", *map(harmless, cells)]
