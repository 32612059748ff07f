"""The designs that are measured against each other.

Standard library only: the report is made in an environment that has no more.
"""

from enum import StrEnum


class Design(StrEnum):
    """How an upload becomes a message. The values are the keys of the records."""

    STACK = "stack"
    """This project's, provisioned by Terraform."""
    TUTORIAL = "tutorial"
    """A ten-line handler between a bucket and a queue."""
    DIRECT = "direct"
    """S3 notifies the queue: no function, no check of the key, S3's own message. The floor."""

    @property
    def label(self) -> str:
        """The design's name, for people."""
        return _LABELS[self]


_LABELS = {
    Design.STACK: "this stack",
    Design.TUTORIAL: "tutorial handler",
    Design.DIRECT: "direct notification (the floor)",
}
