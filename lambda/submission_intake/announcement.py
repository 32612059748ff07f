"""An announcement: the message that tells the back end of one submission."""

from typing import NamedTuple

from submission_intake.s3_event import UploadedObject
from submission_intake.submission_key import SubmissionKey


class Announcement(NamedTuple):
    """One upload of a submission's data file, to be told to the back end."""

    key: SubmissionKey
    uploaded: UploadedObject

    @property
    def body(self) -> str:
        """The message's body, exactly the specification's one-pair JSON."""
        # What json.dumps writes: a subid has nothing that JSON would escape.
        return f'{{"subdata": "{self.key.file_name}"}}'

    @property
    def attributes(self) -> dict[str, str]:
        """The message's attributes: where the object is, and which version of it.

        The names are those of S3's event; ``key`` is decoded. What the event did not say
        is left out, since SQS takes no empty attribute. Two messages with the same
        ``versionId`` are one upload announced twice.
        """
        uploaded = self.uploaded
        values = {
            "bucket": uploaded.bucket,
            "key": uploaded.key,
            "versionId": uploaded.version_id,
            "eTag": uploaded.etag,
            "eventTime": uploaded.event_time,
        }
        return {name: value for name, value in values.items() if value}
