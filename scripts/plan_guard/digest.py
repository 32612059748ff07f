"""The digest that an allowance binds to: the same for one difference in every stack."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

_DIGITS = 32
"""Enough that nobody can make two differences with one digest."""

_PLACES = {
    # Only here: a stack may have the name of something else, such as `root` or `admin`.
    "bucket": r'(?:(?<=:::)|(?<=")){}(?=[/"\\])',
    "parameter": r"(?<=/){}(?![\w/-])",
    "stack": r"(?<![\w.-]){}(?=-)",
    "account": r"(?<!\w){}(?!\w)",
    "region": r"(?<!\w){}(?!\w)",
}
"""The places of the stack's own names, by the word that replaces them."""


def digest(differences: Iterable[object], names: Mapping[str, str]) -> str:
    """Return the digest of some differences.

    Args:
        differences: JSON; the order within a set does not count.
        names: the names that differ in each stack, by the words of `_PLACES`.
    """
    alternatives = [
        f"(?P<{word}>{place.format(re.escape(names[word]))})"
        for word, place in _PLACES.items()
        if word in names
    ]
    pattern = re.compile("|".join(alternatives) or "(?!)")

    def text(it: object) -> str:
        """Return JSON with placeholders, and sorted after that: no name decides the order."""
        if isinstance(it, Mapping):
            pairs = []
            for key, value in it.items():
                # This tag is the stack's whole name.
                is_own = key == "Stack" and value == names.get("stack")
                pairs.append(f"{text(key)}:{'\1stack\1' if is_own else text(value)}")
            return f"{{{','.join(sorted(pairs))}}}"
        if isinstance(it, set | frozenset):
            return f"<{','.join(sorted(map(text, it)))}>"
        if isinstance(it, list | tuple):
            return f"[{','.join(map(text, it))}]"
        # JSON escapes what the placeholders are written with, so no value can spell one.
        return pattern.sub(lambda found: f"\1{found.lastgroup}\1", json.dumps(it))

    lines = "\n".join(sorted({text(it) for it in differences}))
    return hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]
