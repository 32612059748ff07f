"""What a function says of each record: a line of its log, and counts for CloudWatch."""

from enum import StrEnum

# The fields of a line. Each line has the outcome, and of the others what it knows.
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
"""What stands where an upload should."""
REQUEST_ID = "requestId"
"""Lambda's own, in every line."""

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
NAMESPACE = "Submitter"
STACK_DIMENSION = "Stack"
REASON_DIMENSION = "Reason"
ANNOUNCED_METRIC = "Announced"
IGNORED_METRIC = "Ignored"
FAILED_METRIC = "Failed"


class Outcome(StrEnum):
    """What became of a record. The intake's answer counts by the first two."""

    ANNOUNCED = "announced"
    IGNORED = "ignored"
    FAILED = "failed"


class NotAnUpload(StrEnum):
    """Why an event or a record tells of no upload to the stack's bucket."""

    NOT_AN_EVENT = "not_an_event"
    TEST_EVENT = "test_event"
    NO_RECORDS = "no_records"
    OTHER_SOURCE = "other_source"
    OTHER_EVENT = "other_event"
    OTHER_BUCKET = "other_bucket"
