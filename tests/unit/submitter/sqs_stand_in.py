"""A queue on a clock that tests move on."""

from typing import Any

from unit.submitter.contexts import Clock


class Sqs:
    """A queue whose messages come back when their time runs out on a clock; oldest first."""

    def __init__(self, bodies: int | list[str]) -> None:
        self.clock = Clock()
        texts = (
            [f"message {number}" for number in range(bodies)] if isinstance(bodies, int) else bodies
        )
        self.bodies = {str(number): body for number, body in enumerate(texts)}
        """The messages that are not deleted, by id."""
        self._visible_at = dict.fromkeys(self.bodies, 0.0)
        self.attributes = {"ApproximateNumberOfMessagesNotVisible": "0"}
        self.message_attributes: dict[str, Any] = {}
        """Of every message."""
        self._latest: dict[str, str] = {}
        self.received_at: dict[str, float] = {}

    @property
    def client(self) -> Any:  # noqa: ANN401 - a stand-in for boto3's
        return self

    def visible(self) -> int:
        return sum(at <= self.clock.now() for at in self._visible_at.values())

    def get_queue_attributes(self, **_options: object) -> dict[str, Any]:
        return {"Attributes": self.attributes}

    def receive_message(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        now = self.clock.now()
        ids = [each for each, at in self._visible_at.items() if at <= now]
        found = ids[: options["MaxNumberOfMessages"]]
        for each in found:
            self._visible_at[each] = now + options["VisibilityTimeout"]
            self._latest[each] = f"{each} {now}"
            self.received_at[each] = now
        return {"Messages": [self._message(each) for each in found]}

    def _message(self, number: str) -> dict[str, Any]:
        return {
            "MessageId": number,
            "ReceiptHandle": self._latest[number],
            "Body": self.bodies[number],
            "Attributes": {"SentTimestamp": "0"},
            "MessageAttributes": self.message_attributes,
        }

    def delete_message(self, **options: Any) -> None:  # noqa: ANN401
        number = options["ReceiptHandle"].split()[0]
        del self._visible_at[number], self.bodies[number]

    def change_message_visibility_batch(self, **options: Any) -> None:  # noqa: ANN401
        assert 0 < len(options["Entries"]) <= 10
        for entry in options["Entries"]:
            number = entry["ReceiptHandle"].split()[0]
            # SQS takes only the handle of the latest receipt.
            if self._latest[number] == entry["ReceiptHandle"]:
                self._visible_at[number] = self.clock.now() + entry["VisibilityTimeout"]
