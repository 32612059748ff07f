"""The function's entry point, ``submission_intake.handler.lambda_handler``."""

import logging
import os

from submission_intake.intake import take_in
from submission_intake.metrics import STACK_VARIABLE
from submission_intake.s3_event import BUCKET_VARIABLE
from submission_intake.submitter_queue import SubmitterQueue

# The SDK tells of its credentials and endpoint at every start, which says nothing to anybody.
logging.getLogger("botocore").setLevel(logging.WARNING)

# No line of the log shows them, and each record would look them up.
# https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = False
logging.logProcesses = False
logging.logMultiprocessing = False

# Built once for each execution environment, in its init phase, and used by every invocation.
# https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
_QUEUE = SubmitterQueue.from_environment(os.environ)
_STACK = os.environ.get(STACK_VARIABLE)
_BUCKET = os.environ.get(BUCKET_VARIABLE) or None


def lambda_handler(event: object, _context: object) -> dict[str, object]:
    """Announce the submissions of one S3 event.

    Args:
        event: an S3 event notification, decoded from JSON.
        _context: Lambda's context object, not needed.

    Returns:
        How many submissions were announced, and how many records ignored, by reason.

    Raises:
        IntakeError: something was not announced; Lambda retries the event.
    """
    return take_in(event, _QUEUE, _STACK, _BUCKET)
