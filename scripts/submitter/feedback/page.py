"""Shows a student's result as a page."""

from pathlib import Path

from grading.verdict import Verdict
from submission.keys import SubmissionKey
from submitter.feedback.student_result import StudentResult
from submitter.feedback.view import headline, marked_text
from submitter.page import render_page

_TITLES = {
    "args": "Arguments",
    "input": "Input",
    "answer": "Expected output",
    "stdout": "Your output",
    "stderr": "Error messages",
}
_ADVICE = {
    Verdict.WA: "The program ran to its end, but printed something else than expected.",
    Verdict.TLE: "The program was stopped because it took too long. Perhaps a loop never ends, or "
    "it does much more work than it has to.",
    Verdict.MLE: "The program was stopped because it needed too much memory. Perhaps a list grows "
    "without end.",
    Verdict.OLE: "The program was stopped because it printed too much. Perhaps a loop never ends.",
    Verdict.RTE: "The program stopped with an error. The last line of the error messages says what "
    "went wrong, the lines above it where.",
}


def feedback_page(key: SubmissionKey, result: StudentResult) -> str:
    """Return a page that shows a student's result."""
    return render_page(
        Path(__file__).parent / "feedback.html.j2",
        key=key,
        result=result,
        headline=headline(result),
        advice=_ADVICE,
        titles=_TITLES,
        marked_text=marked_text,
    )
