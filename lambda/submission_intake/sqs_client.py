"""Makes the client for SQS from a small part of the SDK, which takes most of a cold start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

CONFIG = Config(
    # Short enough that an unreachable queue ends in an error that says so, before the function
    # times out.
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class _Files(JSONFileLoader):
    """Reads the SDK's data without the endpoints of services that have no endpoint rules.

    SQS has rules, which give its endpoint in every region; the skipped file is over 1 MB of JSON.
    """

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - the SDK's signature
        if os.path.basename(file_path) == "endpoints":  # noqa: PTH119 - the SDK passes a str
            return {"partitions": []}
        return super().load_file(file_path)


class _SqsAlone(Loader):
    """Skips scanning the folders of more than 400 services."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - the SDK's
        return ["sqs"]


def sqs_client() -> SQSClient:
    """Return a client for SQS, with the region and the credentials of the environment.

    Works as boto3's client does, without loading boto3.
    """
    session = Session()
    session.register_component("data_loader", _SqsAlone(file_loader=_Files()))
    return cast("SQSClient", session.create_client("sqs", config=CONFIG))
