"""Fields of a function's log lines, one line a record, and names of its CloudWatch metrics."""

from enum import StrEnum

# Every line has the outcome; of the other fields it has those that it knows.
OUTCOME = "outcome"
SUBID = "subid"
KEY = "key"
VERSION_ID = "versionId"
CODE_VERSION_ID = "codeVersionId"
MESSAGE_ID = "messageId"
REASON = "reason"
"""Why a record was ignored: an `IgnoredKey`, a `NotAnUpload` or a `NotASubmission`; or rejected."""
CAUSE = "cause"
"""Why a record could not be announced, or a submission not graded."""
DETAIL = "detail"
FOUND = "found"
"""What the event has in place of an upload."""
SECONDS = "seconds"
"""How long a grading took."""
REQUEST_ID = "requestId"
"""Lambda adds it to every line."""

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
NAMESPACE = "Submitter"
STACK_DIMENSION = "Stack"
REASON_DIMENSION = "Reason"
ANNOUNCED_METRIC = "Announced"
IGNORED_METRIC = "Ignored"
FAILED_METRIC = "Failed"
GRADED_METRIC = "Graded"
REJECTED_METRIC = "Rejected"
GRADING_FAILED_METRIC = "GradingFailed"
GRADING_SECONDS_METRIC = "GradingSeconds"


class Outcome(StrEnum):
    """What became of a record. The intake's answer counts the first two."""

    ANNOUNCED = "announced"
    IGNORED = "ignored"
    FAILED = "failed"


class GradingOutcome(StrEnum):
    """What became of a message to the grader."""

    GRADED = "graded"
    REJECTED = "rejected"
    FAILED = "failed"
    """The message comes back, and ends as a dead letter."""
    WAITING = "waiting"
    """For the .py: the message comes back."""
    SUPERSEDED = "superseded"
    """The result of a newer upload or problem stands, so this one was dropped."""
    IGNORED = "ignored"


class NotASubmission(StrEnum):
    """Why the grader ignored a message; other reasons are an `IgnoredKey`."""

    OTHER_BUCKET = "other_bucket"
    ROUND_TRIP = "round_trip"
    GONE = "gone"
    """The version of the .json is no longer there."""


class NotAnUpload(StrEnum):
    """Why an event or a record is not an upload to the stack's bucket."""

    NOT_AN_EVENT = "not_an_event"
    TEST_EVENT = "test_event"
    NO_RECORDS = "no_records"
    OTHER_SOURCE = "other_source"
    OTHER_EVENT = "other_event"
    OTHER_BUCKET = "other_bucket"
