"""The digest that an allowance binds to: of a difference, the same in every stack."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

_DIGITS = 32
"""Enough that nobody can make two differences of one digest."""

_PLACES = {
    # A common word may be a stack's name, and stand elsewhere for something else: `root`, `admin`.
    "bucket": r'(?:(?<=:::)|(?<=")){}(?=[/"\\])',
    "parameter": r"(?<=/){}(?![\w/-])",
    "stack": r"(?<![\w.-]){}(?=-)",
    "account": r"(?<!\w){}(?!\w)",
    "region": r"(?<!\w){}(?!\w)",
}
"""Where a name is the stack's own, by the word that stands for it."""


def digest(differences: Iterable[object], names: Mapping[str, str]) -> str:
    """Return the digest of some differences.

    Args:
        differences: JSON; the order within a set does not count.
        names: what is called differently in each stack, by the words of `_PLACES`.
    """
    alternatives = [
        f"(?P<{word}>{place.format(re.escape(names[word]))})"
        for word, place in _PLACES.items()
        if word in names
    ]
    pattern = re.compile("|".join(alternatives) or "(?!)")
    text = "\n".join(sorted({_text(it, pattern, names) for it in differences}))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _text(value: object, pattern: re.Pattern[str], names: Mapping[str, str]) -> str:
    """Return JSON with placeholders for names, sorted only then, as no name decides the order."""

    def text(it: object) -> str:
        return _text(it, pattern, names)

    if isinstance(value, Mapping):
        # The tag is wholly the stack's name.
        own = {
            key: "\1stack\1" for key in value if key == "Stack" and value[key] == names.get("stack")
        }
        pairs = [f"{text(key)}:{own.get(key) or text(it)}" for key, it in value.items()]
        return f"{{{','.join(sorted(pairs))}}}"
    if isinstance(value, set | frozenset):
        return f"<{','.join(sorted(map(text, value)))}>"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(text, value))}]"
    # JSON escapes what the placeholders are written with, so no value can spell one.
    return pattern.sub(lambda found: f"\1{found.lastgroup}\1", json.dumps(value))
