"""Reads a result, as docs/results.md has it."""

from __future__ import annotations

from dataclasses import dataclass

from submitter.json_object import read_object, text_of


@dataclass(frozen=True, slots=True)
class ResultDocument:
    """What a result says of itself; nothing, if it is no such document."""

    judged_version_id: str | None
    """The version of the submission's .json that it judges."""
    status: str | None


def parse_result(document: bytes) -> ResultDocument:
    """Read a result.

    Args:
        document: the object's content, whatever it is.

    Returns:
        What it says.
    """
    fields = read_object(document)
    return ResultDocument(text_of(fields, "submissionVersionId"), text_of(fields, "status"))
