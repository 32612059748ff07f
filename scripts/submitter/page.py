"""Makes self-contained HTML pages, in which data stays text however hostile it is."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from submitter.output import escape

_FOLDER = Path(__file__).parent
_LINES = re.compile(r"[^\n\t]+")


def render_page(template: Path, **values: object) -> str:
    """Return a page in ASCII, so that it reads the same in any encoding.

    Args:
        template: extends `page.html.j2`. What it shows is escaped, and invisible characters in it
            are spelled out.
        values: what the template shows.
    """
    # Only now: other commands need not wait until it is loaded.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    style = (_FOLDER / "page.css").read_text(encoding="ascii")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader([template.parent, _FOLDER]),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template(template.name).render(
        style=Markup(style),  # noqa: S704 - ours
        # Nothing but this style is loaded or run, even if data became markup.
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        **values,
    )
    return page.encode("ascii", "xmlcharrefreplace").decode()


def _shown(value: object) -> object:
    """Spell out what is invisible in a value, but for ends of lines and tabs."""
    if hasattr(value, "__html__"):  # markup
        return value
    return _LINES.sub(lambda line: escape(line[0]).plain, str(value))
