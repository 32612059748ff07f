"""Shows a student's result as lines of text: the score, each test, and what a failed one shows."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Group, RenderableType

from submitter.feedback.marking import Marked, mark
from submitter.feedback.student_result import StudentResult, StudentTest
from submitter.output import escape, unbroken
from submitter.result_fields import Points

_TEXTS = {"args": "arguments", "input": "input", "stdout": "output", "answer": "expected"} | {
    "stderr": "errors"
}
"""The texts of a test, by their names in a result."""
_SPACES = (
    "(a space is \N{MIDDLE DOT}, a tab \N{RIGHTWARDS ARROW}, an end of line \N{RETURN SYMBOL})"
)


def render_feedback(result: StudentResult) -> RenderableType:
    """Return the lines for a terminal."""
    return Group(*(unbroken(line) for line in _lines(result)))


def student_view(result: StudentResult) -> str:
    """Return the lines as a text that is safe on a terminal."""
    return "\n".join(escape(line).plain for line in _lines(result))


def headline(result: StudentResult) -> str:
    """Return the score, or why there is none."""
    if result.points is None:
        return result.reason or result.output or result.status or "The result says nothing."
    points = f"{result.points} points"
    return f"{points}: {result.output}" if result.output else points


def marked_text(test: StudentTest, name: str) -> Marked | None:
    """Return one of a test's texts, with the first difference; None if it has none to show."""
    text, difference = test.texts.get(name), test.difference
    # Few programs have arguments.
    if text is None or (name == "args" and not text.text):
        return None
    if difference is None or name not in {"stdout", "answer"}:
        return mark(text, None, spaces=False)
    place = difference.output_at if name == "stdout" else difference.answer_at
    return mark(text, place, spaces=difference.whitespace_only)


def _lines(result: StudentResult) -> Iterator[str]:
    yield from headline(result).split("\n")
    if result.tests or result.groups:
        yield ""
    width = max((cell_len(test.name) for test in result.tests), default=0)
    for test in result.tests:
        name = test.name + " " * (width - cell_len(test.name))
        said = test.output.replace("\n", " ")
        yield f"{test.number:>3}  {name}  {_points(test.points):<14}  {said}".rstrip()
    for group, points in result.groups.items():
        yield f"  group {group}: {points}"
    for test in result.tests:
        if test.has_details:
            yield from _details(test)


def _points(points: Points | None) -> str:
    return "" if points is None else str(points)


def _details(test: StudentTest) -> Iterator[str]:
    yield ""
    yield f"Test {test.number}, {test.name}:"
    if "hint" in test.texts:
        yield f"  hint: {test.texts['hint'].text}"
    if test.difference is not None and test.difference.whitespace_only:
        yield f"  {_SPACES}"
    for name, title in _TEXTS.items():
        text = marked_text(test, name)
        if text is not None:
            yield from _block(title, text)


def _block(title: str, text: Marked) -> Iterator[str]:
    """Yield a text's lines, with a line of carets under the difference."""
    whole = f"{text.before}{text.mark}{text.after}"
    note = f" ({text.note.rstrip('.').lower()})" if text.note else ""
    yield f"  {title}{note}:" if whole else f"  {title}: none"
    # The end of a text's last line begins no line.
    lines = whole.removesuffix("\n").split("\n") if whole else []
    at = text.before.count("\n") if text.mark else None
    for number, line in enumerate(lines):
        yield f"    {line}"
        if number == at:
            before = _cells(text.before.rpartition("\n")[2])
            yield f"    {' ' * before}{'^' * max(1, _cells(text.mark.partition('\n')[0]))}"


def _cells(text: str) -> int:
    return cell_len(escape(text).plain)
