"""The message that announces a submission to the back end."""

from collections.abc import Mapping
from typing import NamedTuple

from submission.json_object import read_object, text_of
from submission.keys import SubmissionKey

SUBDATA = "subdata"
BUCKET = "bucket"
KEY = "key"
VERSION_ID = "versionId"
ETAG = "eTag"
EVENT_TIME = "eventTime"


class UploadedObject(NamedTuple):
    """One version of an object that S3 reports as created.

    A field is None if the event lacks it, such as ``version_id`` without versioning.
    """

    bucket: str
    key: str
    """Decoded; bytes that are not UTF-8, which S3 refuses in keys, become lone surrogates."""
    version_id: str | None
    etag: str | None
    event_time: str | None
    """ISO 8601 in UTC, as S3 wrote it."""


class Announcement(NamedTuple):
    """One upload of a submission's data file, to announce to the back end."""

    key: SubmissionKey
    uploaded: UploadedObject

    @property
    def body(self) -> str:
        """The message's body: exactly the specification's JSON, with one pair."""
        # The same as json.dumps writes, because a subid has nothing to escape.
        return f'{{"{SUBDATA}": "{self.key.file_name}"}}'

    @property
    def attributes(self) -> dict[str, str]:
        """The message's attributes: where the object is, and which version of it.

        The names are S3's; ``key`` is decoded. A field that the event lacks is left out,
        because SQS refuses empty attributes. Two messages with the same ``versionId`` announce
        the same upload.
        """
        uploaded = self.uploaded
        values = {
            BUCKET: uploaded.bucket,
            KEY: uploaded.key,
            VERSION_ID: uploaded.version_id,
            ETAG: uploaded.etag,
            EVENT_TIME: uploaded.event_time,
        }
        return {name: value for name, value in values.items() if value}


def announced_file(body: str) -> str | None:
    """Return the file name that a message's body announces; None if it announces none."""
    fields = read_object(body)
    return text_of(fields, SUBDATA) if fields.keys() == {SUBDATA} else None


def announced_upload(attributes: Mapping[str, str]) -> UploadedObject:
    """Return the upload that a message's attributes name.

    Any principal with sqs:SendMessage can leave attributes out: then bucket and key are empty, and
    the rest is None.
    """
    return UploadedObject(
        attributes.get(BUCKET, ""),
        attributes.get(KEY, ""),
        attributes.get(VERSION_ID),
        attributes.get(ETAG),
        attributes.get(EVENT_TIME),
    )
