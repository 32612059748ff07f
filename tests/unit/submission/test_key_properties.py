"""Properties of every key: any encoding, any Unicode, any length."""

import unicodedata
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from submission.keys import MAX_KEY_BYTES, IgnoredKey, SubmissionKey, parse_key
from submission.message import UploadedObject
from submission_intake.s3_event import read_event
from unit.submission_intake.examples import SUBID, encode_key, key_of, s3_event, s3_record
from unit.submission_intake.strategies import ANY_TEXT, SAFE_CHARACTERS, SAFE_NAMES, SUBIDS

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
KEYS = st.builds(SubmissionKey, SAFE_NAMES, SAFE_NAMES, SAFE_NAMES, SUBIDS)


def every_byte(key: str) -> str:
    """Encode every byte, with lower-case digits."""
    return "".join(f"%{byte:02x}" for byte in key.encode())


ENCODINGS: list[Callable[[str], str]] = [
    encode_key,
    quote_plus,
    quote,
    every_byte,
    lambda key: encode_key(key).replace("+", "%20"),
    # Only the characters that must be encoded.
    lambda key: key.replace("%", "%25").replace("+", "%2B").replace(" ", "+"),
]


def read_key(encoded: str) -> str:
    """Return the key that is read from an event with this encoded key."""
    record: dict[str, Any] = s3_record()
    record["s3"]["object"]["key"] = encoded
    (upload,) = read_event(s3_event(record))
    assert isinstance(upload, UploadedObject)
    return upload.key


@given(KEYS)
def test_parsed_key_equals_the_one_it_was_built_from(key: SubmissionKey) -> None:
    assert parse_key(key.data_key) == key


@given(KEYS, st.sampled_from(ENCODINGS))
def test_key_is_parsed_from_every_encoding(
    key: SubmissionKey, encode: Callable[[str], str]
) -> None:
    assert parse_key(read_key(encode(key.data_key))) == key


@given(KEYS, st.sampled_from(ENCODINGS), st.sampled_from(ENCODINGS))
@example(SubmissionKey("%", "+", "%2e%2e", SUBID), every_byte, encode_key)
def test_key_that_was_encoded_twice_is_decoded_once(
    key: SubmissionKey, first: Callable[[str], str], second: Callable[[str], str]
) -> None:
    once = first(key.data_key)
    assert read_key(second(once)) == once


@given(ANY_TEXT.filter(bool))
@example("%")
@example("%2")
@example("%%%32%35")
@example("%u0041")
@example("%C3")
@example("+%2B+")
@example("\ud800%ED%A0%80")
def test_any_encoded_text_is_a_submission_or_ignored(encoded: str) -> None:
    assert isinstance(parse_key(read_key(encoded)), SubmissionKey | IgnoredKey)


@given(SAFE_NAMES)
@example("Ame\N{COMBINING ACUTE ACCENT}lie")
@example("\N{LATIN SMALL LETTER E WITH ACUTE}")
@example("\N{ANGSTROM SIGN}\N{LATIN SMALL LIGATURE FI}\N{HANGUL SYLLABLE GAG}")
def test_unicode_forms_are_unchanged(name: str) -> None:
    spellings = {name} | {unicodedata.normalize(form, name) for form in FORMS}
    for spelling in spellings:
        # Compatibility forms can have another character than letters: a full-width slash's is "/".
        if {"/", "\\"} & set(spelling) or spelling in {".", ".."}:
            continue
        parsed = parse_key(read_key(encode_key(key_of(event=spelling))))
        assert isinstance(parsed, SubmissionKey)
        assert parsed.event == spelling
        assert parsed.data_key.encode() == key_of(event=spelling).encode()


@pytest.mark.parametrize(
    "name",
    [
        "\N{FULLWIDTH FULL STOP}\N{FULLWIDTH FULL STOP}",
        "\N{ONE DOT LEADER}\N{ONE DOT LEADER}",
        "\N{TWO DOT LEADER}",
        "a\N{FULLWIDTH SOLIDUS}b",
        "a\N{DIVISION SLASH}b",
        "a\N{FRACTION SLASH}b",
        "a\N{FULLWIDTH REVERSE SOLIDUS}b",
    ],
)
def test_look_alikes_of_dots_and_slashes_are_accepted(name: str) -> None:
    parsed = parse_key(key_of(problem=name))
    assert isinstance(parsed, SubmissionKey)
    assert parsed.problem == name


@pytest.mark.parametrize(
    "look_alike",
    [
        SUBID.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
        SUBID.replace("0", "\N{FULLWIDTH DIGIT ZERO}"),
        SUBID.replace("c", "\N{MATHEMATICAL BOLD SMALL C}"),
        SUBID[:-1] + "\N{ZERO WIDTH JOINER}",
        SUBID + "\N{ZERO WIDTH SPACE}",
        SUBID[:-1] + "2\N{VARIATION SELECTOR-16}",
    ],
)
def test_look_alikes_of_a_subid_are_ignored(look_alike: str) -> None:
    assert look_alike != SUBID
    assert parse_key(key_of(subid=look_alike)) is IgnoredKey.SUBID_NOT_A_DIGEST


@given(st.data(), SUBIDS, st.integers(-3, 3))
def test_keys_longer_than_1024_bytes_are_ignored(
    data: st.DataObject, subid: str, over: int
) -> None:
    room = MAX_KEY_BYTES + over - len(key_of("", "", "", subid).encode())
    names = st.text(SAFE_CHARACTERS, min_size=1, max_size=60)
    admin, event = data.draw(names, label="admin"), data.draw(names, label="event")
    assume(not {admin, event} & {".", ".."})
    room -= len(admin.encode()) + len(event.encode())
    # The third name fills the key to the byte.
    character = data.draw(SAFE_CHARACTERS, label="filling")
    width = len(character.encode())
    problem = character * (room // width) + "x" * (room % width)
    key = key_of(admin, event, problem, subid)
    assert len(key.encode()) == 1024 + over
    parsed = parse_key(read_key(encode_key(key)))
    if over > 0:
        assert parsed is IgnoredKey.TOO_LONG
    else:
        assert parsed == SubmissionKey(admin, event, problem, subid)
