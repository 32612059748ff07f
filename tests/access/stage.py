"""The resources that calls use: a stack, a second stack, and objects put there."""

import secrets

from access.principals import Account, Principal
from emulation.terraform import StackOutputs

SUBMISSIONS = "submissions/m.soltys/aws_labs/lab5_containers/"
CODE = SUBMISSIONS + "{0}/{0}.py"
DATA = SUBMISSIONS + "{0}/{0}.json"
ROUND_TRIPS = "submissions/submitter-doctor/round-trip/round-trip/"
EVENTS = "events/m.soltys/aws_labs/"
OUTPUT = "output/m.soltys/aws_labs/lab5_containers/"
RESULT = OUTPUT + "{0}/{0}.json"
"""As the student may see it; with a subid in both places."""
STAFF_RESULT = OUTPUT + "{0}/staff.json"
_SENDERS = {"queue": Principal.FUNCTION, "intake_failures_queue": Principal.FUNCTION}
_HIDDEN_SECONDS = 600


class Stage:
    """A stack and what the root user puts on it for others to try."""

    def __init__(self, account: Account, names: StackOutputs, other: StackOutputs) -> None:
        """Make calls about the stack of ``names``; no principal has rights on ``other``."""
        self.account = account
        self.names = names
        self.other = other
        self.bucket = names.bucket_name
        self._other_queue: str | None = None
        self._data: tuple[str, str] | None = None

    def url(self, queue: str) -> str:
        """Return the URL of a queue by its name in the outputs; another queue's for `other`."""
        if queue == "other":
            if self._other_queue is None:
                answer = self.account.client("sqs").create_queue(QueueName="somebody-elses")
                self._other_queue = answer["QueueUrl"]
            return str(self._other_queue)
        return str(getattr(self.names, f"{queue}_url"))

    def new_key(self, place: str) -> str:
        """Return a key, or a name, that nothing has yet: with a subid for {0}, or at its end."""
        subid = secrets.token_hex(16)
        return place.format(subid) if "{0}" in place else f"{place}{subid}"

    def put(self, place: str) -> tuple[str, str]:
        """Put an object; return its key and its version."""
        key = self.new_key(place)
        answer = self.account.client("s3").put_object(Bucket=self.bucket, Key=key, Body=b"{}")
        return key, answer["VersionId"]

    def begin_upload(self, place: str) -> dict[str, str]:
        """Begin an upload in parts, and return what names it."""
        key = self.new_key(place)
        answer = self.account.client("s3").create_multipart_upload(Bucket=self.bucket, Key=key)
        return {"Key": key, "UploadId": answer["UploadId"]}

    def data(self) -> tuple[str, str]:
        """Return the key and the version of a submission's .json, always the same."""
        if self._data is None:
            # Each runs the function.
            self._data = self.put(DATA)
        return self._data

    def receive(self, queue: str) -> str:
        """Send a message to a queue and receive one; return the receipt handle."""
        # Where a queue says who may send, the emulator binds even the root user.
        sender = _SENDERS.get(queue)
        self.account.client("sqs", sender).send_message(QueueUrl=self.url(queue), MessageBody="{}")
        sqs = self.account.client("sqs")
        answer = sqs.receive_message(
            QueueUrl=self.url(queue), VisibilityTimeout=_HIDDEN_SECONDS, WaitTimeSeconds=0
        )
        handle: str = answer["Messages"][0]["ReceiptHandle"]
        return handle

    def log_stream(self, group: str | None) -> str:
        """Begin a stream of a log; return its name."""
        name = self.new_key("stream-")
        self.account.client("logs").create_log_stream(logGroupName=group, logStreamName=name)
        return name
