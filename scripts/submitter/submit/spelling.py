"""Finds what spreadsheets and forms do to names and tokens.

A subid is a digest: one wrong character makes another submission, and nothing fails. So what is
surely wrong is a fault, and what is likely wrong a doubt. Each is a phrase to follow "The admin" or
"Token 2"; none shows a token, which is a student's secret.
"""

import math
import re
import unicodedata
from collections.abc import Iterable

SHORT_BITS = 64
"""A token with fewer could be guessed."""

_ERROR = re.compile(r"#(?:\S*[!?]|N/?[ADV]|GETTING_DATA)|Err:\d{3}", re.IGNORECASE)
"""The errors that spreadsheets show in a cell, in several languages."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E[+-]\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+[.,]0+")
_ROUNDED = re.compile(r"\d{15}0+")
"""A spreadsheet keeps 15 digits of a number."""
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_MONTH = (
    r"(?:jan|janv|ene|feb|févr|mar|mär|mrz|mars|apr|abr|avr|may|mai|jun|juin|jul|juil|aug|août|ago|"
    r"sep|sept|oct|okt|nov|dec|dez|déc|dic)\.?"
)
_DATE = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{2}(?:\d{2})?)"
    r"(?:[T ]\d{1,2}:\d{2}.*)?"
    rf"|\d{{1,2}}(?:-|\. ?){_MONTH}(?:[- ]\d{{2,4}})?|{_MONTH}[- ]\d{{1,4}}",
    re.IGNORECASE,
)
"""The dates that spreadsheets make of 1-2, in several languages; 1.2.3 is a section."""
_LIST_WORDS = frozenset({"and", "or", "und", "oder", "et", "ou", "y", "e", "o"})
_LIST_NUMBER = re.compile(r"[(#]?\d{1,3}[.):]|#\d{1,3}|\(?[a-z]\)", re.IGNORECASE)
_LOOKS_LIKE_A_DATE = "looks like a date, which spreadsheets make of other texts"
_EMPTY_WORDS = frozenset({"null", "nan", "none", "n/a", "na", "nil", "undefined", "true", "false"})
_SEPARATORS = ",;|\N{FULLWIDTH COMMA}\N{FULLWIDTH SEMICOLON}\N{IDEOGRAPHIC COMMA}\N{ARABIC COMMA}"
_TYPOGRAPHIC_QUOTES = "".join(
    map(chr, (*range(0x2018, 0x2020), 0x2032, 0x2033, 0x2039, 0x203A, 0xAB, 0xB4, 0xBB))
)
_QUOTES = f"\"'`{_TYPOGRAPHIC_QUOTES}"
_DASHES = "".join(map(chr, (*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D)))
_SLASHES = "\N{FRACTION SLASH}\N{DIVISION SLASH}"
_TYPOGRAPHIC = f"{_TYPOGRAPHIC_QUOTES}{_DASHES}{_SLASHES}…"
"""Programs replace what was typed by these."""
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Emoji and some scripts need them."""
_NO_JOINERS = str.maketrans("", "", _JOINERS)
_TYPED = str.maketrans(dict.fromkeys(_QUOTES, "'") | dict.fromkeys(_DASHES, "-"))
_BLANKS = "\u200b\u2060\ufeff\u180e"
"""Zero-width characters, which Unicode does not class as spaces."""
_UNSEEN = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Invisible characters, which Unicode does not class as format characters."""
_ORDINALS = "\N{FEMININE ORDINAL INDICATOR}\N{MASCULINE ORDINAL INDICATOR}"
"""Keyboards have them, so the front end has them too."""
_LOOKS_LATIN = frozenset({"CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE"})
_WORD = re.compile(r"[^\W\d_]+")
_USUAL_IN_TOKENS = re.compile(r"[A-Za-z0-9._~+/=:@-]*")
_MAY_SEPARATE = re.compile(r"[/+&:]")
_NAMED_TOKEN = re.compile(r"[^:=]+[:=].*[^=]")
"""Such as alice:240669d4; base64 may end with equals signs."""


def stripped(text: str) -> str:
    """Return a text without spaces and zero-width characters at its ends."""
    before = None
    while text != before:
        before, text = text, text.strip().strip(_BLANKS)
    return text


def find_name_fault(name: str) -> str | None:
    """Return what is surely wrong with a name, beyond what the key grammar refuses; or None."""
    if stripped(name) != name:
        return "has white space at its start or end: remove it"
    if len(name) > 1 and name[0] in _QUOTES and name[-1] in _QUOTES:
        return "has quotation marks around it: remove them"
    if "/" in name and _DATE.fullmatch(name):
        return f"{_LOOKS_LIKE_A_DATE}: format the column as text, and enter it again"
    return _find_spreadsheet_fault(name)


def find_token_fault(token: str) -> str | None:
    """Return what is surely wrong with a token, or None."""
    if not token:
        return "is empty"
    categories = {unicodedata.category(character) for character in token}
    faults = {
        _find_spreadsheet_fault(token): True,
        (
            "has a comma, a semicolon or a bar in it: separate tokens by spaces in a list, and "
            "give each a --token on the command line"
        ): {*token} & {*_SEPARATORS},
        "has a quotation mark or an apostrophe in it: remove it": {*token} & {*_QUOTES},
        "has white space or a control character in it": categories & {"Cc", "Zl", "Zp", "Zs"},
        f"has an invisible character in it ({_code_points(token, 'Cf')}): type it again": (
            "Cf" in categories
        ),
        "is a number with decimals: format the column as text, and enter it again": (
            _DECIMAL.fullmatch(token)
        ),
        f"is a word for an empty cell, not a token ({token.casefold()})": (
            token.casefold() in _EMPTY_WORDS
        ),
        f"is a word between tokens, not a token ({token.casefold()}): separate tokens by spaces": (
            token.casefold() in _LIST_WORDS
        ),
        "is a number in a list, not a token: remove it": _LIST_NUMBER.fullmatch(token),
        "has neither a letter nor a digit in it": not any(map(str.isalnum, token)),
    }
    return next((fault for fault, found in faults.items() if fault and found), None)


def find_name_doubt(name: str) -> str | None:
    """Return what is likely wrong with a name that has no fault, or None."""
    spaces = _code_points(name.replace(" ", ""), "Zs")
    inner = name[1:-1].translate(_NO_JOINERS)
    invisible = _named(
        each
        for each in f"{name[:1]}{inner}{name[-1:]}"
        if each in _UNSEEN or unicodedata.category(each) in {"Cf", "Zl", "Zp"}
    )
    variants = _named(filter(_is_variant, name))
    typographic = _named(each for each in name if each in _TYPOGRAPHIC)
    doubts = {
        "has letters and accents as separate characters (not in Unicode's form NFC)": (
            not unicodedata.is_normalized("NFC", name)
        ),
        f"has a space in it that is not the usual one ({spaces})": spaces,
        f"has an invisible character in it ({invisible})": invisible,
        f"has typographic punctuation in it ({typographic})": typographic,
        "has two spaces in a row in it": "  " in name,
        "begins with what spreadsheets write before a text or a formula": name[:1] in {"'", "="},
        "is a word for an empty cell": name.casefold() in _EMPTY_WORDS,
        "is a whole number with decimals, as spreadsheets write it": _DECIMAL.fullmatch(name),
        "looks like a number that a spreadsheet rounded to 15 digits": _ROUNDED.fullmatch(name),
        _LOOKS_LIKE_A_DATE: _DATE.fullmatch(name),
        "looks like UTF-8 that was read as another encoding": _is_misread(name),
        f"has a variant of a usual character in it ({variants})": variants,
        "has a word with letters of two alphabets, which may look the same": (
            any(map(_mixes_alphabets, _WORD.findall(name)))
        ),
    }
    return next((doubt for doubt, found in doubts.items() if found), None)


def find_token_doubt(token: str) -> str | None:
    """Return what is likely wrong, but for its length, with a token that has no fault; or None."""
    parts = _MAY_SEPARATE.split(token)
    doubts = {
        "has a character in it that is unusual in tokens": not _USUAL_IN_TOKENS.fullmatch(token),
        "looks like several tokens, which spaces have to separate": (
            len(parts) > 1 and len(set(map(len, parts))) == 1
        ),
        "looks like a number that a spreadsheet rounded to 15 digits": _ROUNDED.fullmatch(token),
        _LOOKS_LIKE_A_DATE: _DATE.fullmatch(token),
        "looks like a number with its digits in groups, as spreadsheets show it": (
            _GROUPED.fullmatch(token)
        ),
        "begins or ends with a full stop or a colon": token[0] in ".:" or token[-1] in ".:",
        "looks like a name and a token in one": _NAMED_TOKEN.fullmatch(token),
    }
    return next((doubt for doubt, found in doubts.items() if found), None)


def is_short(token: str) -> bool:
    """Return whether random characters like a token's have fewer than ``SHORT_BITS`` bits."""
    alphabets = ((r"\d+", 10), (r"[0-9a-f]+|[0-9A-F]+", 16), (r"[0-9a-z]+|[0-9A-Z]+", 36))
    alphabet = next((size for form, size in alphabets if re.fullmatch(form, token)), 64)
    return len(token) * math.log2(alphabet) < SHORT_BITS


def same_on_screen(text: str) -> str:
    """Map texts that look the same to one text."""
    spaced = "".join(" " if unicodedata.category(each)[0] == "Z" else each for each in text)
    seen = (each for each in spaced if each in _JOINERS or unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFC", "".join(seen))


def likely_same(text: str) -> str:
    """Map texts that most likely mean the same to one text."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    typed = unicodedata.normalize("NFKC", seen.translate(_TYPED))
    return " ".join(unicodedata.normalize("NFC", typed.casefold()).split())


def _find_spreadsheet_fault(text: str) -> str | None:
    if _ERROR.fullmatch(text):
        return "is a spreadsheet's error: correct the cell"
    if _SCIENTIFIC.fullmatch(text):
        return (
            "is a number that a spreadsheet shortened (scientific notation), and its digits are "
            "lost: format the column as text, and enter it again"
        )
    if any(unicodedata.category(character) == "Cs" for character in text):
        return "has bytes in it that are not in this terminal's encoding: use a locale with UTF-8"
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "has lost a character to a wrong encoding (U+FFFD): type it again"
    return None


def _is_misread(text: str) -> bool:
    try:
        return text.encode("cp1252").decode() != text
    except UnicodeError:
        return False


def _is_variant(character: str) -> bool:
    # East Asian text has its own wide punctuation.
    if character in _ORDINALS or unicodedata.category(character)[0] == "P":
        return False
    return unicodedata.normalize("NFKC", character) != unicodedata.normalize("NFC", character)


def _mixes_alphabets(word: str) -> bool:
    alphabets = {unicodedata.name(each, "?").split()[0] for each in word}
    return "LATIN" in alphabets and bool(alphabets & _LOOKS_LATIN)


def _code_points(text: str, category: str) -> str:
    return _named(each for each in text if unicodedata.category(each) == category)


def _named(characters: Iterable[str]) -> str:
    return ", ".join(sorted({f"U+{ord(each):04X}" for each in characters}))
