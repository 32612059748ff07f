"""Fields of a function's log lines, one line a record, and names of its CloudWatch metrics."""

from enum import StrEnum

# Every line has the outcome; of the other fields it has those that it knows.
OUTCOME = "outcome"
SUBID = "subid"
KEY = "key"
VERSION_ID = "versionId"
MESSAGE_ID = "messageId"
REASON = "reason"
"""Why a record was ignored: an `IgnoredKey` or a `NotAnUpload`."""
CAUSE = "cause"
"""Why a record could not be announced."""
DETAIL = "detail"
FOUND = "found"
"""What the event has in place of an upload."""
REQUEST_ID = "requestId"
"""Lambda adds it to every line."""

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
NAMESPACE = "Submitter"
STACK_DIMENSION = "Stack"
REASON_DIMENSION = "Reason"
ANNOUNCED_METRIC = "Announced"
IGNORED_METRIC = "Ignored"
FAILED_METRIC = "Failed"


class Outcome(StrEnum):
    """What became of a record. The intake's answer counts the first two."""

    ANNOUNCED = "announced"
    IGNORED = "ignored"
    FAILED = "failed"


class NotAnUpload(StrEnum):
    """Why an event or a record is not an upload to the stack's bucket."""

    NOT_AN_EVENT = "not_an_event"
    TEST_EVENT = "test_event"
    NO_RECORDS = "no_records"
    OTHER_SOURCE = "other_source"
    OTHER_EVENT = "other_event"
    OTHER_BUCKET = "other_bucket"
