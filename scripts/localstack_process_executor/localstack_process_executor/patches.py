"""Patches for faults of LocalStack 2026.3.0.

It opens its port to the network, differs from AWS, and is slow without need.
"""

from __future__ import annotations

import functools
import logging
import os
from types import SimpleNamespace
from typing import Any

from localstack import config
from localstack.runtime.server import twisted
from localstack.services.cloudwatch import cloudwatch_database_helper
from localstack.services.lambda_.invocation import event_manager, logs, version_manager
from localstack.services.sqs import constants

from localstack_process_executor import transient_database
from localstack_process_executor.claimed_pool import ClaimedPool

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 2
_PAUSE_AFTER_ERROR_SECONDS = 1
_VISIBILITY_MARGIN_SECONDS = 60
_MOST_EVENTS = 10
"""As many as one request to the internal queue may ask for."""
_INVOKERS_BESIDE_PROCESSORS = 4
"""More runs of a function than processors, as most of a run is waiting for an answer."""


class LosslessPoller(event_manager.Poller):  # type: ignore[misc]  # the base class is untyped
    """Hands a function its asynchronous events, each one once.

    LocalStack's own drops what it receives, or has queued, while the function is updated; the
    events come back only when their visibility timeout is over, more than a minute later. It also
    takes every event off the internal queue at once, however long it may be until one runs: when
    a storm's backlog is longer than that timeout, events come back while they wait, and run twice.
    """

    def __init__(self, version_manager: version_manager.LambdaVersionManager, url: str) -> None:
        super().__init__(version_manager, url)
        function = version_manager.function_version.id
        # In place of the one that it has made, which has no thread yet.
        self.invoker_pool = ClaimedPool(
            (os.process_cpu_count() or 1) + _INVOKERS_BESIDE_PROCESSORS,
            f"lambda-invoker-{function.function_name}:{function.qualifier}",
        )

    def run(self, *_arguments: object, **_options: object) -> None:
        """Invokes the function for each event, until stopped and nothing received is left."""
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
        """Waits a little for events; returns those that came, none if they cannot be read."""
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
        """Asks `run` to end; events that it holds are still handed over, to the new version."""
        self._shutdown_event.set()
        self.invoker_pool.give_back(1)  # it may be waiting for one, behind long runs


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
    """Applies the patches; to be called before LocalStack starts."""
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
    # Every invocation and every message is a metric, each written by a transaction of its own, one
    # at a time. If the disk is slow to confirm them they pile up, each on a thread, and slow down
    # all else; yet they go when LocalStack stops.
    cloudwatch_database_helper.sqlite3 = SimpleNamespace(connect=transient_database.connect)
