"""Patches for faults of LocalStack 2026.3.0.

It opens its port to the network, differs from AWS, and is slow without need.
"""

from __future__ import annotations

import functools
import logging
from types import SimpleNamespace
from typing import Any

from localstack import config
from localstack.runtime.server import twisted
from localstack.services.cloudwatch import cloudwatch_database_helper
from localstack.services.lambda_.invocation import event_manager, logs, version_manager
from localstack.services.sqs import constants

from localstack_process_executor import mapping_poller, transient_database
from localstack_process_executor.claimed_pool import ClaimedPool, runs_at_once

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 2
_PAUSE_AFTER_ERROR_SECONDS = 1
_VISIBILITY_MARGIN_SECONDS = 60
_MOST_EVENTS = 10
"""As many as one request to the internal queue may ask for."""


class LosslessPoller(event_manager.Poller):  # type: ignore[misc]  # the base class is untyped
    """Hands a function its asynchronous events, each one once.

    LocalStack's own drops events while the function is updated; they come back only after their
    visibility timeout of more than a minute. It also receives every event at once: in a backlog
    that is longer than that timeout, events come back while they wait, and run twice.
    """

    def __init__(self, version_manager: version_manager.LambdaVersionManager, url: str) -> None:
        super().__init__(version_manager, url)
        function = version_manager.function_version.id
        # In place of the one that it has made, which has no thread yet.
        self.invoker_pool = ClaimedPool(
            runs_at_once(),
            f"lambda-invoker-{function.function_name}:{function.qualifier}",
        )

    def run(self, *_arguments: object, **_options: object) -> None:
        """Invoke the function for each event until stopped; then finish what was received."""
        queue = event_manager.get_sqs_client(self.version_manager.function_version)
        while not self._shutdown_event.is_set():
            claimed = self.invoker_pool.claim(_MOST_EVENTS)
            if self._shutdown_event.is_set():
                break
            messages = self._receive(queue, claimed)
            for message in messages:
                self.invoker_pool.submit(self.handle_message, message)
            self.invoker_pool.give_back(claimed - len(messages))
        self.invoker_pool.close()

    def _receive(self, queue: Any, most: int) -> list[dict[str, Any]]:  # noqa: ANN401 - LocalStack's
        """Wait a little for events, and return them; none if they cannot be read."""
        version = self.version_manager.function_version
        try:
            answer = queue.receive_message(
                QueueUrl=self.event_queue_url,
                WaitTimeSeconds=_POLL_SECONDS,
                MaxNumberOfMessages=most,
                VisibilityTimeout=version.config.timeout + _VISIBILITY_MARGIN_SECONDS,
            )
        except Exception:
            if not self._shutdown_event.wait(_PAUSE_AFTER_ERROR_SECONDS):
                LOG.exception("Cannot read the events of %s", version.qualified_arn)
            return []
        # The internal queue says None where SQS would leave the field out.
        return answer["Messages"] or []

    def stop(self) -> None:
        """Ask `run` to end; the new version still gets the events that it holds."""
        self._shutdown_event.set()
        self.invoker_pool.give_back(1)  # it may be waiting for one, behind long runs


class LosslessLogHandler(logs.LogHandler):  # type: ignore[misc]  # the base class is untyped
    """Writes every invocation's log, also of those that end while the function is updated.

    LocalStack's own loses unwritten logs when it replaces a version.
    """

    def __init__(self, role_arn: str, region: str) -> None:
        super().__init__(role_arn, region)
        self._stopped = False

    def add_logs(self, log_item: logs.LogItem) -> None:
        """Have an invocation's log written, in its turn."""
        super().add_logs(log_item)
        if self._stopped:  # by now nobody may be there to write it
            self.start_subscriber()
            self.log_queue.put(logs.QUEUE_SHUTDOWN)

    def stop(self) -> None:
        """Ask the writing to end, after all that was added before."""
        self._stopped = True
        self.log_queue.put(logs.QUEUE_SHUTDOWN)


def apply() -> None:
    """Apply the patches; to be called before LocalStack starts."""
    event_manager.Poller = LosslessPoller
    version_manager.LogHandler = LosslessLogHandler
    mapping_poller.apply()
    # LocalStack ignores GATEWAY_LISTEN's address and listens on every interface, where anybody who
    # reaches the port can run code.
    twisted.endpoints.TCP4ServerEndpoint = functools.partial(
        twisted.endpoints.TCP4ServerEndpoint, interface=config.GATEWAY_LISTEN[0].host
    )
    # Removing a queue's redrive allow policy stores an empty one, and Terraform's provider waits
    # until it is gone. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    constants.DELETE_IF_DEFAULT["RedriveAllowPolicy"] = ""
    # Every invocation and message writes a metric in a separate transaction. On a slow disk they
    # pile up, each on a thread, and slow down everything; yet nobody needs them after a stop.
    cloudwatch_database_helper.sqlite3 = SimpleNamespace(connect=transient_database.connect)
