"""Makes the client for SQS from as little of the SDK as it takes: most of a cold start is that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

CONFIG = Config(
    # Short enough that a queue out of reach ends as an error that says so, and not as
    # the function's time-out.
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class _Files(JSONFileLoader):
    """Reads the SDK's data, but for the endpoints of services that have no rules for them.

    SQS has rules, which name its endpoint in every region; the others' are over 1 MB of JSON.
    """

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - it is the SDK's
        if os.path.basename(file_path) == "endpoints":  # noqa: PTH119 - as the SDK makes it
            return {"partitions": []}
        return super().load_file(file_path)


class _SqsAlone(Loader):
    """Looks for no other service, which takes a look into the folders of more than 400."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - the SDK's
        return ["sqs"]


def sqs_client() -> SQSClient:
    """Return a client for SQS, with the region and the credentials of the environment.

    It does what boto3's does; boto3 itself, with its resources and transfers, is not loaded.
    """
    session = Session()
    session.register_component("data_loader", _SqsAlone(file_loader=_Files()))
    return cast("SQSClient", session.create_client("sqs", config=CONFIG))
