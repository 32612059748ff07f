"""The function's entry point, ``submission_intake.handler.lambda_handler``."""

import logging
import os

from submission_intake.intake import take_in
from submission_intake.metrics import STACK_VARIABLE
from submission_intake.s3_event import BUCKET_VARIABLE
from submission_intake.submitter_queue import SubmitterQueue

# The SDK logs its credentials' source and endpoint at every start, which is noise.
logging.getLogger("botocore").setLevel(logging.WARNING)

# No log line has them, and looking them up costs time for each record.
# https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = False
logging.logProcesses = False
logging.logMultiprocessing = False

# Built once for each execution environment, in its init phase.
# https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
_QUEUE = SubmitterQueue.from_environment(os.environ)
_STACK = os.environ.get(STACK_VARIABLE)
_BUCKET = os.environ.get(BUCKET_VARIABLE) or None


def lambda_handler(event: object, _context: object) -> dict[str, object]:
    """Announce the submissions of one S3 event.

    Args:
        event: an S3 event notification, decoded from JSON.
        _context: Lambda's context object, unused.

    Returns:
        The count of announced submissions, and counts of ignored records by reason.

    Raises:
        IntakeError: a submission was not announced; Lambda retries the event.
    """
    return take_in(event, _QUEUE, _STACK, _BUCKET)
