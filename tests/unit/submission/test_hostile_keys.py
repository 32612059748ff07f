"""Keys that try to harm a message or a back end's files."""

import os
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.keys import IgnoredKey, SubmissionKey, parse_key
from unit.submission_intake.examples import OBJECT_KEY, SUBID, key_of
from unit.submission_intake.strategies import ANY_TEXT


@pytest.mark.parametrize(
    "subid",
    [
        'x", "subdata": "y',
        f'{SUBID}", "x": "',
        f"{SUBID}\\",
        f"{SUBID}\0",
        f"{SUBID}\n",
        SUBID[:-2] + "\\u",
        SUBID[:-1] + '"',
    ],
)
def test_subid_that_could_break_out_of_the_body_is_ignored(subid: str) -> None:
    assert parse_key(key_of(subid=subid)) is IgnoredKey.SUBID_NOT_A_DIGEST


TRAVERSALS = [
    *("..", ".", "", "...", "....//", "../../etc/passwd", "..\\..\\windows", "\\", "\\\\host\\c$"),
    *("/etc", "//", "C:\\", "C:/", "\0", "a\0.json", "..\0", "%2e%2e", "%2e%2e%2f", "..%2f"),
    *("%252e%252e%252f", "%5c..", "..%c0%af", "%u002e%u002e", "..;", "~", "~root", "-rf", "CON"),
    *("\N{FULLWIDTH FULL STOP}" * 2, "..\N{FULLWIDTH SOLIDUS}", ".. ", " ..", "..\n", "$HOME"),
]


def assert_stays_inside(key: str) -> None:
    """Check it as the kernel would resolve it, and as each of Python's and Windows' paths do."""
    folder = "/srv/back end"
    assert os.path.normpath(f"{folder}/{key}") == f"{folder}/{key}"
    assert PurePosixPath(folder, key).as_posix() == f"{folder}/{key}"
    path = PurePosixPath(folder, *key.split("/"))
    assert path.parts[-6:] == tuple(key.split("/"))
    windows = PureWindowsPath("D:\\back end", key)
    assert windows.is_relative_to("D:\\back end")
    assert windows.parts[-6:] == tuple(key.split("/"))
    assert "\0" not in key


@pytest.mark.parametrize("part", ["admin", "event", "problem"])
@pytest.mark.parametrize("name", TRAVERSALS)
def test_name_that_leads_out_of_a_folder_is_never_announced(name: str, part: str) -> None:
    key = key_of(**{part: name})
    if isinstance(parse_key(key), SubmissionKey):
        assert_stays_inside(key)
    else:
        # Only harmful names are refused.
        with pytest.raises(AssertionError):
            assert_stays_inside_or_is_printable(key)


def assert_stays_inside_or_is_printable(key: str) -> None:
    """Check that a name is harmless, which a refused one must not be."""
    assert_stays_inside(key)
    assert key.isprintable()
    assert len(key.split("/")) == 6


@given(
    st.lists(
        st.sampled_from([*TRAVERSALS, "submissions", SUBID, f"{SUBID}.json", "a", "é"]) | ANY_TEXT,
        min_size=3,
        max_size=3,
    )
)
def test_every_announced_key_stays_in_the_back_ends_folder(names: list[str]) -> None:
    key = key_of(*names)
    if isinstance(parse_key(key), SubmissionKey):
        assert_stays_inside(key)


@pytest.mark.parametrize("prefix", ["/", "./", "../", "\\", "C:", "//", "%2f", "\0", "\ufeff"])
def test_key_with_another_prefix_is_ignored(prefix: str) -> None:
    assert parse_key(prefix + OBJECT_KEY) is IgnoredKey.NOT_UNDER_SUBMISSIONS
