"""Reads and writes objects of the stack's bucket, without the right to list its keys."""

from __future__ import annotations

from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectVersionTypeDef

_CONFIG = Config(
    connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
# Without s3:ListBucket, S3 says 403 for what is not there. It says 400 for what can't be a version
# and 405 for a deletion.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
_PERHAPS_MISSING = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
    }
)
# 404: the object that If-Match names was deleted.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_CHANGED = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})


class MissingError(Exception):
    """The bucket has no such object, or no such version of it."""


class Stored(NamedTuple):
    """One version of an object."""

    version_id: str
    etag: str
    time: datetime
    """Of its upload, by S3's clock, in whole seconds."""
    size: int
    """Bytes."""
    metadata: Mapping[str, str]
    content: bytes | None
    """None if it was not read, such as for its size."""


class Bucket:
    """A versioned bucket."""

    def __init__(self, client: S3Client, name: str) -> None:
        """Use ``client`` for the bucket called ``name``."""
        self._client = client
        self.name = name

    @classmethod
    def called(cls, name: str) -> Bucket:
        """Return a bucket, with the region and the credentials of the environment."""
        return cls(cast("S3Client", Session().create_client("s3", config=_CONFIG)), name)

    def head(self, key: str, version_id: str | None = None) -> Stored:
        """Return a version of an object, the newest if none is named, without its content.

        Raises:
            MissingError: it is not there.
            botocore.exceptions.ClientError: S3 refused.
        """
        return _stored(self._ask(self._client.head_object, key, version_id), None)

    def get(self, key: str, most: int, version_id: str | None = None) -> Stored:
        """Return a version of an object, with its content if it has at most ``most`` bytes.

        Raises: as `head`.
        """
        return _read(self._ask(self._client.get_object, key, version_id), most)

    def get_published(self, key: str, most: int, known_etag: str | None) -> Stored | None:
        """Return an object of staff's; None if its ETag is still ``known_etag``.

        Raises:
            MissingError: it is not there, or must not be read: the grader can't tell.
            botocore.exceptions.ClientError: S3 refused.
        """
        condition: Any = {"IfNoneMatch": known_etag} if known_etag else {}
        try:
            answer = self._client.get_object(Bucket=self.name, Key=key, **condition)
        except ClientError as error:
            if _status(error) == HTTPStatus.NOT_MODIFIED:
                return None
            if _status(error) in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
                raise MissingError(key) from None
            raise
        return _read(answer, most)

    def put(self, key: str, content: bytes, replaced_etag: str | None) -> bool:
        """Write an object, unless another writer was faster.

        Args:
            key: the object's.
            content: JSON.
            replaced_etag: the ETag of what it replaces; None if there is nothing yet.

        Returns:
            Whether it was written.

        Raises:
            botocore.exceptions.ClientError: S3 refused.
        """
        condition: Any = {"IfMatch": replaced_etag} if replaced_etag else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(
                Bucket=self.name, Key=key, Body=content, ContentType="application/json", **condition
            )
        except ClientError as error:
            if _status(error) in _CHANGED:
                return False
            raise
        return True

    def newest(self, key: str, *candidates: str) -> str | None:
        """Return which of an object's versions is the newest; None if none is there.

        Raises:
            botocore.exceptions.ClientError: S3 refused.
        """
        versions = (version["VersionId"] for version in self._versions(key))
        return next((version for version in versions if version in candidates), None)

    def _versions(self, key: str) -> Iterator[ObjectVersionTypeDef]:
        """Yield an object's versions, from newest to oldest."""
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self.name, Prefix=key):
            for version in page.get("Versions", []):
                if version["Key"] != key:
                    return
                yield version

    def _ask(self, method: Callable[..., Any], key: str, version_id: str | None) -> Any:  # noqa: ANN401
        """Call S3 about a version of an object; `MissingError` says that it is not there."""
        named = {"VersionId": version_id} if version_id else {}
        try:
            return method(Bucket=self.name, Key=key, **named)
        except ClientError as error:
            if _status(error) not in _PERHAPS_MISSING or _is_bucket_missing(error):
                raise
            is_there = _status(error) != HTTPStatus.NOT_FOUND and any(
                version["VersionId"] == version_id if version_id else version["IsLatest"]
                for version in self._versions(key)
            )
            if is_there:
                raise
            raise MissingError(key) from None


def _read(answer: Any, most: int) -> Stored:  # noqa: ANN401
    with closing(answer["Body"]) as body:
        return _stored(answer, body.read() if answer["ContentLength"] <= most else None)


def _stored(answer: Any, content: bytes | None) -> Stored:  # noqa: ANN401
    return Stored(
        answer.get("VersionId", "null"),
        answer["ETag"],
        answer["LastModified"],
        answer["ContentLength"],
        answer["Metadata"],
        content,
    )


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def _is_bucket_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "NoSuchBucket"
