"""Walks the submitter bucket: submissions and results, one at a time, never all in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from submitter.context import Context

SUBMISSIONS = "submissions/"
RESULTS = "output/"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """The current version of an object."""

    key: str
    etag: str
    size: int
    """Bytes."""
    modified: datetime


@dataclass(frozen=True, slots=True)
class CurrentVersion(StoredObject):
    """The current version of an object, from a listing that names versions."""

    version_id: str
    has_older: bool
    """Whether versions before this one are still there."""


def walk_objects(
    context: Context, prefix: str, *, after: str | None = None
) -> Iterator[StoredObject]:
    """List objects under a prefix, in the order of their keys' bytes.

    Args:
        context: the command's surroundings.
        prefix: where to look; empty for the whole bucket.
        after: a key; only those that sort behind it.

    Yields:
        The objects, a thousand a request.
    """
    start = {"StartAfter": after} if after else {}
    pages = context.s3.get_paginator("list_objects_v2").paginate(
        Bucket=context.deployment.bucket_name,
        Prefix=prefix,
        **start,  # type: ignore[arg-type]  # an optional argument has no precise type
    )
    for page in pages:
        for each in page.get("Contents", []):
            yield StoredObject(
                each["Key"], each["ETag"].strip('"'), each["Size"], each["LastModified"]
            )


def walk_current_versions(
    context: Context, prefix: str, *, after: str | None = None
) -> Iterator[CurrentVersion]:
    """List objects under a prefix with their version ids, in the order of their keys' bytes.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

    Args:
        context: the command's surroundings.
        prefix: where to look; empty for the whole bucket.
        after: a key; only those that sort behind it.

    Yields:
        The objects that are not deleted; a thousand versions a request.
    """
    start = {"KeyMarker": after} if after else {}
    pages = context.s3.get_paginator("list_object_versions").paginate(
        Bucket=context.deployment.bucket_name,
        Prefix=prefix,
        **start,  # type: ignore[arg-type]  # an optional argument has no precise type
    )
    # A key's versions come one after the other, the newest first.
    current: CurrentVersion | None = None
    for page in pages:
        for each in page.get("Versions", []):
            if each["IsLatest"]:
                if current is not None:
                    yield current
                current = CurrentVersion(
                    key=each["Key"],
                    etag=each["ETag"].strip('"'),
                    size=each["Size"],
                    modified=each["LastModified"],
                    version_id=each["VersionId"],
                    has_older=False,
                )
            elif current is not None and current.key == each["Key"] and not current.has_older:
                current = replace(current, has_older=True)
    if current is not None:
        yield current


def top_level_prefixes(context: Context) -> list[str]:
    """Return what the bucket's keys begin with, up to their first slash, `/` itself among it.

    Keys without a slash are returned whole.
    """
    pages = context.s3.get_paginator("list_objects_v2").paginate(
        Bucket=context.deployment.bucket_name, Delimiter="/"
    )
    return [
        name
        for page in pages
        for name in (
            *(each["Prefix"] for each in page.get("CommonPrefixes", [])),
            *(each["Key"] for each in page.get("Contents", [])),
        )
    ]
