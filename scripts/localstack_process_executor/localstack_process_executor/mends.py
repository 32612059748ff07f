"""Mends faults of LocalStack 2026.3.0: it opens its port to the network, and differs from AWS."""

from __future__ import annotations

import functools
import logging

from localstack import config
from localstack.runtime.server import twisted
from localstack.services.lambda_.invocation import event_manager, logs, version_manager
from localstack.services.sqs import constants

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 2
_PAUSE_AFTER_ERROR_SECONDS = 1
_VISIBILITY_MARGIN_SECONDS = 60


class LosslessPoller(event_manager.Poller):  # type: ignore[misc]  # the base class is untyped
    """Hands a function its asynchronous events, those that arrive while it is updated included.

    LocalStack's own drops what it receives, or has queued, while it is being replaced; the events
    come back only when their visibility timeout is over, more than a minute later.
    """

    def run(self, *_arguments: object, **_options: object) -> None:
        """Invokes the function for each event, until stopped and nothing received is left."""
        version = self.version_manager.function_version
        queue = event_manager.get_sqs_client(version)
        visibility_seconds = version.config.timeout + _VISIBILITY_MARGIN_SECONDS
        while not self._shutdown_event.is_set():
            try:
                answer = queue.receive_message(
                    QueueUrl=self.event_queue_url,
                    WaitTimeSeconds=_POLL_SECONDS,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=visibility_seconds,
                )
            except Exception:
                if not self._shutdown_event.wait(_PAUSE_AFTER_ERROR_SECONDS):
                    LOG.exception("Cannot read the events of %s", version.qualified_arn)
                continue
            # The internal queue says None where SQS would leave the field out.
            for message in answer["Messages"] or []:
                self.invoker_pool.submit(self.handle_message, message)
        self.invoker_pool.shutdown(wait=False)

    def stop(self) -> None:
        """Asks `run` to end; events that it holds are still handed over, to the new version."""
        self._shutdown_event.set()


class LosslessLogHandler(logs.LogHandler):  # type: ignore[misc]  # the base class is untyped
    """Writes every invocation's log, those that ended while the function was updated included.

    LocalStack's own throws away what is not yet written when its version is replaced. To
    CloudWatch, and to whoever judges by the log, these invocations would never have been.
    """

    def __init__(self, role_arn: str, region: str) -> None:
        super().__init__(role_arn, region)
        self._stopped = False

    def add_logs(self, log_item: logs.LogItem) -> None:
        """Has an invocation's log written, in its turn.

        Args:
            log_item: The log, and where it belongs.
        """
        super().add_logs(log_item)
        if self._stopped:  # by now nobody may be there to write it
            self.start_subscriber()
            self.log_queue.put(logs.QUEUE_SHUTDOWN)

    def stop(self) -> None:
        """Asks the writing to end; what was added before is still written."""
        self._stopped = True
        self.log_queue.put(logs.QUEUE_SHUTDOWN)


def apply() -> None:
    """Puts the mends in place; to be called before LocalStack starts."""
    event_manager.Poller = LosslessPoller
    version_manager.LogHandler = LosslessLogHandler
    # GATEWAY_LISTEN's address is disregarded: every interface would be listened on, and whoever
    # reaches the port can have code run. There is one address to listen on here.
    twisted.endpoints.TCP4ServerEndpoint = functools.partial(
        twisted.endpoints.TCP4ServerEndpoint, interface=config.GATEWAY_LISTEN[0].host
    )
    # Taking a queue's redrive allow policy away stores an empty one instead, and Terraform's
    # provider waits for it to go. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    constants.DELETE_IF_DEFAULT["RedriveAllowPolicy"] = ""
