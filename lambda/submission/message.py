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
    """One version of an object that S3 says was created.

    What an event lacks is None: ``version_id`` in a bucket without versioning, for one.
    """

    bucket: str
    key: str
    """Decoded; bytes that are no UTF-8, which S3 lets nobody upload, are lone surrogates."""
    version_id: str | None
    etag: str | None
    event_time: str | None
    """ISO 8601, UTC, as S3 wrote it."""


class Announcement(NamedTuple):
    """One upload of a submission's data file, to be told to the back end."""

    key: SubmissionKey
    uploaded: UploadedObject

    @property
    def body(self) -> str:
        """The message's body, exactly the specification's one-pair JSON."""
        # What json.dumps writes: a subid has nothing that JSON would escape.
        return f'{{"{SUBDATA}": "{self.key.file_name}"}}'

    @property
    def attributes(self) -> dict[str, str]:
        """The message's attributes: where the object is, and which version of it.

        The names are those of S3's event; ``key`` is decoded. What the event did not say
        is left out, since SQS takes no empty attribute. Two messages with the same
        ``versionId`` are one upload announced twice.
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
    """Return the file name that a message's body announces; None if it is no such body."""
    fields = read_object(body)
    return text_of(fields, SUBDATA) if fields.keys() == {SUBDATA} else None


def announced_upload(attributes: Mapping[str, str]) -> UploadedObject:
    """Return the upload that a message's attributes name.

    Anyone who may send can leave attributes out: then the bucket and the key are empty, and the
    rest is None.
    """
    return UploadedObject(
        attributes.get(BUCKET, ""),
        attributes.get(KEY, ""),
        attributes.get(VERSION_ID),
        attributes.get(ETAG),
        attributes.get(EVENT_TIME),
    )
