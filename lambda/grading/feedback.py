"""What a result says of a case, in a sentence or two that a beginner understands."""

from grading.problem import Case, Limits
from grading.text import excerpt, visible_spaces
from grading.validator import Difference, DifferenceKind
from grading.verdict import CaseResult, Verdict

_QUOTED = 40
"""Characters of output and answer that a sentence shows."""
_LINE = 200
"""Characters of an error's line, and of a validator's message."""


def explain(case: Case, result: CaseResult | None, limits: Limits, *, details: bool) -> str:
    """Return the sentences.

    Args:
        case: the case.
        result: what became of it; None if it wasn't run.
        limits: the problem's.
        details: whether its reader may see input, output and answer.
    """
    if result is None:
        return "Not run, because earlier cases that it requires are not all accepted."
    summary = {
        Verdict.AC: "Accepted.",
        Verdict.WA: "Wrong answer.",
        Verdict.TLE: f"Time limit exceeded: {limits.time_limit:g} s of processor time.",
        Verdict.MLE: f"Memory limit exceeded: {limits.memory} MiB.",
        Verdict.OLE: f"Output limit exceeded: {limits.output} MiB.",
        Verdict.RTE: "Run-time error.",
        Verdict.JE: "The grader failed. This is not the program's fault.",
    }[result.verdict]
    if not details:
        return summary
    if result.difference is not None:
        return f"{summary} {_explain_difference(case, result, result.difference)}"
    if result.verdict is Verdict.RTE:
        return f"{summary} {_explain_error(result)}"
    if message := " ".join(result.team_message.text.split()):
        return f"{summary} {_shorten(message, _LINE)}"
    return summary


def _explain_difference(case: Case, result: CaseResult, difference: Difference) -> str:
    place = f"line {result.line}, column {result.column}"
    quote = _quote_spaces if difference.whitespace_only else _quote
    expected = quote(case.answer[difference.answer_at :][: _QUOTED + 1])
    got = quote(result.stdout.text[difference.output_at - result.stdout.start :][: _QUOTED + 1])
    if difference.whitespace_only:
        return f"It differs in white space only. At {place}, expected {expected}, got {got}."
    match difference.kind:
        case DifferenceKind.MISSING:
            return f"The output ends at {place}, but the answer goes on: {expected}."
        case DifferenceKind.EXTRA:
            return f"The output goes on at {place}, where the answer has ended: {got}."
        case DifferenceKind.NUMBER:
            return f"At {place}, expected about {expected}, got {got}: they are too far apart."
        case DifferenceKind.NOT_A_NUMBER:
            return f"At {place}, expected the number {expected}, got {got}."
        case _:
            return f"At {place}, expected {expected}, got {got}."


def _explain_error(result: CaseResult) -> str:
    if result.exit_status is None:
        return "The Python interpreter crashed."
    last_line = result.stderr.text.rstrip().rpartition("\n")[2]
    return _shorten(last_line, _LINE) or f"The exit status is {result.exit_status}, not 0."


def _quote(text: str) -> str:
    line = excerpt(text).text.partition("\n")[0]
    return f'"{_shorten(line, _QUOTED)}"'


def _quote_spaces(text: str) -> str:
    return _shorten(visible_spaces(excerpt(text).text), _QUOTED) or "the end"


def _shorten(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]}..."
