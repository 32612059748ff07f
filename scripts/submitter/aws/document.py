"""Reads JSON documents from the bucket."""

from contextlib import closing

from submitter.stack.context import Context


def fetch_document(context: Context, key: str, most: int) -> bytes | None:
    """Return an object's content; None if there is none.

    Args:
        context: the command's context.
        key: the object's.
        most: bytes to read; one more is returned of a larger object, so that it shows.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    try:
        answer = context.s3.get_object(Bucket=context.deployment.bucket_name, Key=key)
    except context.s3.exceptions.NoSuchKey:
        return None
    with closing(answer["Body"]) as body:
        return body.read(most + 1)
