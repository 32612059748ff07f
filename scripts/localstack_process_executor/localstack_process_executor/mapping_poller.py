"""Event source mappings that run as many invocations at once as the mapping allows.

LocalStack 2026.3.0's own take a batch from the queue once a second, and wait for its invocation. On
AWS a mapping polls all the time, for as many invocations at once as its `MaximumConcurrency`; here
this machine is a limit too. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

import functools
import itertools
import logging
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakValueDictionary

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmState, EsmWorker
from localstack.services.lambda_.event_source_mapping.event_processor import BatchFailureError
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.lambda_.provider import LambdaProvider
from localstack.utils.threads import FuncThread

from localstack_process_executor.claimed_pool import ClaimedPool, runs_at_once

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 1
"""An update, and a deletion too, waits until a poll ends."""
_PAUSE_AFTER_ERROR_SECONDS = 1
_MOST_MESSAGES = 10
"""As many as one request to a queue may ask for."""


class ConcurrentPoller(SqsPoller):  # type: ignore[misc]  # the base class is untyped
    """Invokes a function for many batches of a standard queue at once.

    It receives a message only when a thread is idle for it, so that its visibility timeout does not
    pass while it waits. The base class does a batch's work: it deletes what succeeded, and leaves
    what failed on the queue until its visibility timeout.
    """

    _pool: ClaimedPool
    _stopping: threading.Event

    def open(self, most: int | None, stopping: threading.Event) -> None:
        """Get ready; to be called before the first poll.

        Args:
            most: the mapping's maximum concurrency.
            stopping: once set, no more messages are received.
        """
        self._pool = ClaimedPool(runs_at_once(most), f"mapping-invoker-{self.source_arn}")
        self._stopping = stopping

    def poll_events(self) -> None:
        """Receive messages for the idle threads, and have these invoke the function."""
        if self.is_fifo_queue or self.maximum_batching_window:
            super().poll_events()  # nobody needs these faster
            return
        claimed = self._pool.claim(max(1, _MOST_MESSAGES // self.batch_size), _POLL_SECONDS)
        batches: list[Sequence[dict[str, Any]]] = []
        try:
            if claimed and not self._stopping.is_set():
                messages = self._receive(claimed * self.batch_size)
                batches.extend(itertools.batched(messages, self.batch_size, strict=False))
            for batch in batches:
                self._pool.submit(self._handle, batch)
        finally:
            self._pool.give_back(claimed - len(batches))

    def close(self) -> None:
        """Wait until all that was received is done."""
        self._pool.close(wait=True)

    def _receive(self, most: int) -> list[dict[str, Any]]:
        answer = self.source_client.receive_message(
            QueueUrl=self.queue_url,
            WaitTimeSeconds=_POLL_SECONDS,
            MaxNumberOfMessages=min(most, _MOST_MESSAGES),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            sqs_override_max_message_count=most,  # LocalStack's, for a batch of more
        )
        return answer.get("Messages") or []

    def _handle(self, batch: Sequence[dict[str, Any]]) -> None:
        try:
            self.handle_messages(batch)
        except BatchFailureError as failure:
            LOG.warning(
                "A run failed, so %s keeps its messages: %s", self.source_arn, failure.error
            )
        except Exception as error:  # noqa: BLE001 - of any service, such as a function's throttling
            LOG.warning("No run, so %s keeps its messages: %s", self.source_arn, error)
            # A busy thread takes no message. Else, throttling would use up their receives at once.
            self._stopping.wait(_PAUSE_AFTER_ERROR_SECONDS)


class PatientWorker(EsmWorker):  # type: ignore[misc]  # the base class is untyped
    """Runs a mapping's poller, and shows an update only when the messages in flight are done.

    LocalStack replaces a mapping's worker with each update. Its own starts beside the old one, or
    is `Disabled` at once. It also keeps a mapping that was disabled before its deletion, and
    refuses to create it again.
    """

    _newest: ClassVar[WeakValueDictionary[str, PatientWorker]] = WeakValueDictionary()

    def __init__(
        self,
        esm_config: dict[str, Any],
        poller: object,
        *arguments: object,
        **options: object,
    ) -> None:
        super().__init__(esm_config, poller, *arguments, **options)
        if isinstance(poller, ConcurrentPoller):
            most = esm_config.get("ScalingConfig", {}).get("MaximumConcurrency")
            poller.open(most, self._shutdown_event)
        self._replaced = self._newest.get(self.uuid)
        self._newest[self.uuid] = self

    def create(self) -> None:
        """Start, or become disabled; after the worker that it replaces, if there is one."""
        if self._replaced is None:
            super().create()
            return
        self.current_state = EsmState.UPDATING if self.enabled else EsmState.DISABLING
        self._poller_thread = FuncThread(self.poller_loop, name=f"mapping-poller-{self.uuid}")
        self._poller_thread.start()

    def poller_loop(self, *_arguments: object, **_options: object) -> None:
        """Poll until stopped, if enabled; then finish what was received, and show the state."""
        replaced, self._replaced = self._replaced, None
        if replaced is not None and replaced._poller_thread is not None:  # noqa: SLF001 - own class
            replaced._poller_thread.join()  # noqa: SLF001 - own class
        if self.enabled and not self._shutdown_event.is_set():
            super().poller_loop()
            return
        with self._state_lock:
            if self.current_state != EsmState.DELETING:
                self.current_state = EsmState.DISABLED
                self.update_esm_state_in_store(EsmState.DISABLED)
                return
        self.delete_esm_in_store()

    def delete(self) -> None:
        """Remove the mapping, once the messages in flight are done."""
        with self._state_lock:
            is_disabled = self.current_state == EsmState.DISABLED
            super().delete()
        if is_disabled:
            self.delete_esm_in_store()


def apply() -> None:
    """Have LocalStack use these classes; to be called before it starts."""
    esm_worker_factory.SqsPoller = ConcurrentPoller
    esm_worker_factory.EsmWorker = PatientWorker
    original = LambdaProvider.get_event_source_mapping

    @functools.wraps(original)
    def get_event_source_mapping(
        self: LambdaProvider,
        context: Any,  # noqa: ANN401 - LocalStack's
        uuid: str,
        **options: object,
    ) -> object:
        """Also show a mapping that is being deleted; Terraform waits until it is gone."""
        store = lambda_stores[context.account_id][context.region]
        mapping = store.event_source_mappings.get(uuid, {})
        is_deleting = mapping.get("State") == EsmState.DELETING
        return mapping if is_deleting else original(self, context, uuid, **options)

    LambdaProvider.get_event_source_mapping = get_event_source_mapping
