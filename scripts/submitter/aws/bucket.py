"""Lists the submitter bucket, one object at a time, and reads its settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from submitter.aws.unset import unless_unset
from submitter.stack.context import Context

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectVersionTypeDef


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
    """The current version of an object, with its version id."""

    version_id: str


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """A version of an object, or its delete marker."""

    key: str
    version_id: str
    etag: str | None
    """None for a delete marker."""
    time: datetime
    is_latest: bool

    @property
    def is_deletion(self) -> bool:
        """Whether it is a delete marker."""
        return self.etag is None

    def is_named_by(self, key: str | None, version_id: str | None) -> bool:
        """Return whether a key and a version id from an event name this version."""
        # With versioning suspended, S3 lists "null", and its events have no version id.
        return key == self.key and (version_id or "null") == self.version_id


def walk_objects(
    context: Context, prefix: str, *, after: str | None = None
) -> Iterator[StoredObject]:
    """Yield the objects under a prefix, after a key, in the order of their keys' bytes."""
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
    """Yield the objects under a prefix, after a key, with version ids and without deleted ones.

    They are in the order of their keys' bytes:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    start = {"KeyMarker": after} if after else {}
    pages = context.s3.get_paginator("list_object_versions").paginate(
        Bucket=context.deployment.bucket_name,
        Prefix=prefix,
        **start,  # type: ignore[arg-type]  # as above
    )
    for page in pages:
        yield from (_current(each) for each in page.get("Versions", []) if each["IsLatest"])


def walk_versions(context: Context, prefix: str) -> Iterator[ObjectVersion]:
    """Yield all versions and delete markers under a prefix.

    Of each thousand, the delete markers come last.
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
    """Return a version of an object, or the current one; None if it does not exist.

    It lists the bucket, which needs no right to read the object.
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
    """Return the start of every key, up to its first slash, or the whole key if it has none."""
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
    """Return the bucket's default encryption: SSEAlgorithm, and KMSMasterKeyID if it has one."""
    answer = unless_unset(
        "ServerSideEncryptionConfigurationNotFoundError",
        lambda: context.s3.get_bucket_encryption(Bucket=context.deployment.bucket_name),
    )
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    defaults = [rule.get("ApplyServerSideEncryptionByDefault") for rule in rules]
    return [{str(name): str(value) for name, value in each.items()} for each in defaults if each]


def bucket_policy(context: Context) -> str | None:
    """Return the bucket's policy as JSON; None if it has none."""
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
    )
