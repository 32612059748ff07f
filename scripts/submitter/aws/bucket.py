"""Walks the submitter bucket: submissions and results, one at a time, never all in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from submitter.aws.settings import unless_unset

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectVersionTypeDef

    from submitter.stack.context import Context


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


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """A version of an object, or the marker of its deletion."""

    key: str
    version_id: str
    etag: str | None
    """None for a deletion."""
    time: datetime
    is_latest: bool

    @property
    def is_deletion(self) -> bool:
        """Whether it marks a deletion."""
        return self.etag is None

    def is_named_by(self, key: str | None, version_id: str | None) -> bool:
        """Return whether a key and a version id, as an event has them, mean this version."""
        # A bucket whose versioning is suspended lists "null", and its events have no version id.
        return key == self.key and (version_id or "null") == self.version_id


def walk_objects(
    context: Context, prefix: str, *, after: str | None = None
) -> Iterator[StoredObject]:
    """List objects under a prefix, in the order of their keys' bytes.

    Args:
        context: the command's context.
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
        context: the command's context.
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
                current = _current(each)
            elif current is not None and current.key == each["Key"] and not current.has_older:
                current = replace(current, has_older=True)
    if current is not None:
        yield current


def walk_versions(context: Context, prefix: str) -> Iterator[ObjectVersion]:
    """List all versions of all objects under a prefix, and the markers of deletions.

    Args:
        context: the command's context.
        prefix: where to look.

    Yields:
        The versions, a thousand a request; a request's markers come after its other versions.
    """
    pages = context.s3.get_paginator("list_object_versions").paginate(
        Bucket=context.deployment.bucket_name, Prefix=prefix
    )
    for page in pages:
        for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            etag = each.get("ETag")
            yield ObjectVersion(
                key=each["Key"],
                version_id=each["VersionId"],
                etag=etag.strip('"') if isinstance(etag, str) else None,
                time=each["LastModified"],
                is_latest=each["IsLatest"],
            )


def find_version(context: Context, key: str, version_id: str | None) -> CurrentVersion | None:
    """Find one version of an object by listing, which needs no right to read it.

    Args:
        context: the command's context.
        key: the object's key.
        version_id: the version's id; None for the current one.

    Returns:
        The version, be it the current one or not; None if there is none.
    """
    pages = context.s3.get_paginator("list_object_versions").paginate(
        Bucket=context.deployment.bucket_name, Prefix=key
    )
    for page in pages:
        for each in page.get("Versions", []):
            if each["Key"] != key:
                return None
            if each["VersionId"] == version_id or (version_id is None and each["IsLatest"]):
                return _current(each)
    return None


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


def default_encryptions(context: Context) -> list[dict[str, str]]:
    """Ask how the bucket encrypts what asks for nothing: by SSEAlgorithm, and KMSMasterKeyID."""
    answer = unless_unset(
        "ServerSideEncryptionConfigurationNotFoundError",
        lambda: context.s3.get_bucket_encryption(Bucket=context.deployment.bucket_name),
    )
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    defaults = [rule.get("ApplyServerSideEncryptionByDefault") for rule in rules]
    return [{str(name): str(value) for name, value in each.items()} for each in defaults if each]


def bucket_policy(context: Context) -> str | None:
    """Ask for the bucket's policy, as JSON; None if it has none."""
    answer = unless_unset(
        "NoSuchBucketPolicy",
        lambda: context.s3.get_bucket_policy(Bucket=context.deployment.bucket_name),
    )
    return answer["Policy"] if answer else None


def _current(listed: ObjectVersionTypeDef) -> CurrentVersion:
    return CurrentVersion(
        key=listed["Key"],
        etag=listed["ETag"].strip('"'),
        size=listed["Size"],
        modified=listed["LastModified"],
        version_id=listed["VersionId"],
        has_older=False,
    )
