"""Shows a student's result as text: the score, each test, and all of a failed one that is open."""

from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = {"input": "input", "stdout": "output", "answer": "expected", "stderr": "errors"}
"""The texts of a test, by their names in a result: docs/results.md."""


def student_view(result: Mapping[str, Any]) -> str:
    """Return a result, such as the grader writes for a student, as lines of text."""
    if "score" not in result:
        return str(result.get("reason") or result["status"])
    points = f"{result['score']:g} of {result['max_score']:g} points: {result['output']}"
    tests = result["tests"]
    width = max(len(test["name"]) for test in tests)
    lines = [
        f"{test['number']:>3}  {test['name']:<{width}}  {_points(test):<14}  {test['output']}"
        for test in tests
    ]
    groups = [
        f"  group {group['name']}: {_points(group)}" for group in result["extra_data"]["groups"]
    ]
    return "\n".join(
        (points, "", *lines, *groups, *(line for test in tests for line in _details(test)))
    )


def _points(test: Mapping[str, Any]) -> str:
    return f"{test['score']:g} of {test['max_score']:g}" if "score" in test else ""


def _details(test: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a student may see of a test that failed."""
    extra = test["extra_data"]
    if test["status"] == "passed" or "input" not in extra:
        return
    yield f"\nTest {test['number']}, {test['name']}:"
    if "hint" in extra:
        yield f"  hint: {extra['hint']['text']}"
    for name, title in _TEXTS.items():
        text = extra[name]["text"]
        yield f"  {title}:" if text else f"  {title}: none"
        yield from (f"    {line}" for line in text.splitlines())
