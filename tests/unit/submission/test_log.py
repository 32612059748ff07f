"""Names in log lines and metrics: alarms, dashboards and `submitter why` read them for years."""

from submission import log
from submission.log import GradingOutcome, NotAnUpload, NotASubmission, Outcome


def test_outcomes_are_unchanged() -> None:
    assert list(Outcome) == ["announced", "ignored", "failed"]
    assert list(GradingOutcome) == [
        *("graded", "rejected", "failed", "waiting", "superseded", "ignored"),
    ]


def test_fields_are_unchanged() -> None:
    fields = (
        *(log.OUTCOME, log.SUBID, log.KEY, log.VERSION_ID, log.MESSAGE_ID),
        *(log.REASON, log.CAUSE, log.DETAIL, log.FOUND, log.REQUEST_ID),
        *(log.CODE_VERSION_ID, log.SECONDS),
    )
    assert fields == (
        *("outcome", "subid", "key", "versionId", "messageId"),
        *("reason", "cause", "detail", "found", "requestId"),
        *("codeVersionId", "seconds"),
    )


def test_reasons_are_unchanged() -> None:
    assert list(NotAnUpload) == [
        *("not_an_event", "test_event", "no_records"),
        *("other_source", "other_event", "other_bucket"),
    ]
    assert list(NotASubmission) == ["other_bucket", "round_trip", "gone"]


def test_metrics_are_unchanged() -> None:
    assert log.NAMESPACE == "Submitter"
    assert (log.STACK_DIMENSION, log.REASON_DIMENSION) == ("Stack", "Reason")
    assert (*("Announced", "Ignored", "Failed"),) == (
        log.ANNOUNCED_METRIC,
        log.IGNORED_METRIC,
        log.FAILED_METRIC,
    )
    assert (
        *(log.GRADED_METRIC, log.REJECTED_METRIC),
        *(log.GRADING_FAILED_METRIC, log.GRADING_SECONDS_METRIC),
    ) == ("Graded", "Rejected", "GradingFailed", "GradingSeconds")
