"""A queue as the back end sees it."""

from dataclasses import dataclass

from types_boto3_sqs import SQSClient
from types_boto3_sqs.type_defs import MessageTypeDef


@dataclass(frozen=True)
class ReceivingQueue:
    """A queue, and a client to receive from it."""

    client: SQSClient
    url: str

    def receive(self) -> list[MessageTypeDef]:
        """Return all messages, with all their attributes."""
        received: list[MessageTypeDef] = []
        while messages := self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            received += messages
        return received
