"""An SQS client with scripted answers that no emulator of SQS gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack, cast

from botocore.exceptions import ClientError, EndpointConnectionError
from types_boto3_sqs import SQSClient
from types_boto3_sqs.type_defs import (
    SendMessageBatchRequestEntryTypeDef,
    SendMessageBatchRequestTypeDef,
)

from submission_intake.submitter_queue import SubmitterQueue

type Entry = SendMessageBatchRequestEntryTypeDef
type Response = dict[str, list[dict[str, Any]]]
type Answer = Callable[[Sequence[Entry]], Response]

DETAIL = "SQS says why"


def taken(entries: Sequence[Entry]) -> Response:
    """Take every entry; the message ids tell which message each one is."""
    return {"Successful": [_taken(entry) for entry in entries]}


def refusing(*positions: int, sender_fault: bool, code: str, detail: str = DETAIL) -> Answer:
    """Refuse the entries at these positions of the call, and take the others."""

    def answer(entries: Sequence[Entry]) -> Response:
        return {
            "Successful": [
                _taken(entry) for place, entry in enumerate(entries) if place not in positions
            ],
            "Failed": [
                {
                    "Id": entries[place]["Id"],
                    "SenderFault": sender_fault,
                    "Code": code,
                    "Message": detail,
                }
                for place in positions
            ],
        }

    return answer


def all_of(*answers: Answer) -> Answer:
    """Say of the same entries all that these answers say, one after the other."""

    def answer(entries: Sequence[Entry]) -> Response:
        said = [one(entries) for one in answers]
        return {
            part: [result for response in said for result in response.get(part, [])]
            for part in ("Successful", "Failed")
        }

    return answer


def of(positions: slice, answer: Answer) -> Answer:
    """Say what an answer says, but only of the entries at these positions."""
    return lambda entries: answer(entries[positions])


def taken_under_other_ids(entries: Sequence[Entry]) -> Response:
    """Take entries with other ids than those that were sent."""
    return taken([{**entry, "Id": f"{entry['Id']}-of-another-call"} for entry in entries])


def forgetting(*positions: int) -> Answer:
    """Say nothing of the entries at these positions, and take the others."""
    return lambda entries: taken(
        [entry for place, entry in enumerate(entries) if place not in positions]
    )


def refusing_the_call(code: str) -> Answer:
    """Refuse the call as a whole."""

    def answer(_entries: Sequence[Entry]) -> Response:
        raise ClientError({"Error": {"Code": code, "Message": DETAIL}}, "SendMessageBatch")

    return answer


def refusing_calls_with(body_part: str, code: str) -> Answer:
    """Refuse each call as a whole that holds a message with this text in its body."""

    def answer(entries: Sequence[Entry]) -> Response:
        if any(body_part in entry["MessageBody"] for entry in entries):
            return refusing_the_call(code)(entries)
        return taken(entries)

    return answer


def out_of_reach(_entries: Sequence[Entry]) -> Response:
    """Give no answer, as when there is no way to SQS."""
    raise EndpointConnectionError(endpoint_url="https://sqs.us-west-2.amazonaws.com")


@dataclass
class ScriptedSqs:
    """Gives its answers in turn, and the last answer to every further call."""

    answers: Sequence[Answer] = (taken,)
    calls: list[list[Entry]] = field(default_factory=list)
    """The entries of each call."""
    sleeps: list[float] = field(default_factory=list)
    """How long the queue asked to sleep, in seconds."""

    @property
    def queue(self) -> SubmitterQueue:
        """A queue that sends to this client and never really sleeps."""
        return SubmitterQueue(cast("SQSClient", self), "https://queue", self.sleeps.append)

    @property
    def bodies(self) -> list[list[str]]:
        """The messages' bodies of each call."""
        return [[entry["MessageBody"] for entry in call] for call in self.calls]

    def send_message_batch(self, **request: Unpack[SendMessageBatchRequestTypeDef]) -> Response:
        """Stand in for the client's own method."""
        entries = list(request["Entries"])
        self.calls.append(entries)
        return self.answers[min(len(self.calls), len(self.answers)) - 1](entries)


def message_id(body: str) -> str:
    """Return the id under which a message with this body is taken."""
    return f"id of {body}"


def _taken(entry: Entry) -> dict[str, Any]:
    return {"Id": entry["Id"], "MessageId": message_id(entry["MessageBody"])}
