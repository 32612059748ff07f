"""Reads pages as a browser does, and has texts that try to be more than text."""

import hashlib
import re
import unicodedata
from base64 import b64encode
from html.parser import HTMLParser
from itertools import pairwise

HOSTILE = (
    "</pre></td></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</style><style>*{display:none}</style>",
    "</title><base href=//evil.example><!--",
    "]]><![CDATA[<svg/onload=alert(1)>",
    "&lt;b&gt;&#60;script&#62;",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[2J\x1b]0;title\x07\x9b31m",
    "\0before\0",
    "\u202egnp.exe\u2066\u061c\u200f",
    "\ud800\udfff",
    "\ufeff\u200b\u00ad\U000e0041",
    "line\u2028separator\x85\r\n\x0b\x0c",
)
VOID = frozenset({"meta"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Page(HTMLParser):
    """A page's elements and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.style = ""
        self.rows: list[list[str]] = []
        """Of all tables, cell by cell."""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data
        if not {"td", "th"}.isdisjoint(self._open):
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def names(self, tag: str, attribute: str) -> list[str | None]:
        """Return an attribute of all elements with a tag."""
        return [dict(attrs).get(attribute) for name, attrs in self.elements if name == tag]


def check_page(page: str) -> Page:
    """Check what holds for every page; return it."""
    found = Page(page)
    assert page.isascii()
    assert page.startswith("<!DOCTYPE html>\n")
    assert found.names("html", "lang") == ["en"]
    [policy] = [content for content in found.names("meta", "content") if "src" in (content or "")]
    digest = b64encode(hashlib.sha256(found.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    tags = {tag for tag, _ in found.elements}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "base", "form", "a", "object"})
    names = {name for _, attrs in found.elements for name, _ in attrs}
    assert names.isdisjoint({"src", "href", "style", "action", "data", "srcset"})
    assert not any(name.startswith("on") for name in names)
    assert not re.search(r"url\(|@import|https?:", page)
    hidden = {each for each in found.text if unicodedata.category(each) in _INVISIBLE}
    assert hidden <= {"\n", "\t"}
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert None not in found.names("th", "scope")
    regions = [name for name in found.names("div", "aria-label") if name]
    assert len(set(regions)) == len(regions)
    assert len(found.names("table", "")) == len(found.names("caption", ""))
    return found
