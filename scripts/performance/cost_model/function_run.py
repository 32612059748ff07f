"""Runs the intake function as Lambda's own runtime would, and tells what it used and wrote.

A program for the function's environment (.venv-lambda): ``python -m
performance.cost_model.function_run RUNS``. The SDK does everything but send: what it would have
sent is answered here.
"""

import importlib
import io
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

_SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
_FOLDER = f"submissions/m.soltys/aws_labs/lab5_containers/{_SUBID}"
_REQUEST_ID = "79b4f56e-95b1-4643-9700-2807f4e68189"
_MESSAGE_ID = "f6ccdbc9-d99c-4647-bdfd-c9d8cc9fc959"
_VERSION_ID = "AaILVJDnG8kVlzPCJpkTDgMWXGpW2ukw"
_WARM_UP_RUNS = 20


def main() -> int:
    """Run the function, and print what it used and wrote as JSON."""
    runs = int(sys.argv[1])
    # As in Lambda, where the runtime's client is there before the function.
    importlib.import_module("awslambdaric.bootstrap")
    handler = importlib.import_module("submission_intake.handler").lambda_handler
    init_cpu_ms = time.process_time() * 1000
    with _answered(), _logged() as log:
        written = _run(handler, log)
        samples = [_run(handler, log).cpu_ms for _ in range(_WARM_UP_RUNS + runs)]
    result = {
        "init_cpu_ms": round(init_cpu_ms, 2),
        "run_cpu_ms": round(statistics.median(samples[_WARM_UP_RUNS:]), 4),
        "line_bytes": written.line_bytes,
    }
    print(json.dumps(result))
    return 0


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run used and wrote."""

    cpu_ms: float
    line_bytes: list[int]


def _run(handler: Any, log: io.StringIO) -> _Run:  # noqa: ANN401 - the function
    log.seek(0)
    log.truncate()
    event = _event()
    with redirect_stdout(log):
        start = time.process_time()
        answer = handler(event, None)
        cpu_ms = (time.process_time() - start) * 1000
    if answer["announced"] != 1:
        raise RuntimeError(f"The function did not announce the example: {answer}")
    return _Run(cpu_ms, [len(line.encode()) for line in log.getvalue().splitlines() if line])


def _event() -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventTime": "2026-11-24T02:13:41.137Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": "submitter-000000000000-us-east-1"},
                    "object": {
                        "key": f"{_FOLDER}/{_SUBID}.json",
                        "eTag": "25dc9dd5a7f459f34892c35820dea488",
                        "versionId": _VERSION_ID,
                    },
                },
            }
        ]
    }


@contextmanager
def _answered() -> Iterator[None]:
    """Have every message taken, without anything leaving the process."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - counted to the init phase above
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415

    answer = json.dumps(
        {"Successful": [{"Id": "0", "MessageId": _MESSAGE_ID}], "Failed": []}
    ).encode()

    class _Raw(io.BytesIO):
        def stream(self, **_: object) -> Iterator[bytes]:
            yield self.read()

    def send(_: object, request: Any) -> AWSResponse:  # noqa: ANN401 - the SDK's own, untyped
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, _Raw(answer))

    with patch.object(URLLib3Session, "send", send):
        yield


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Yield what takes the log, line by line as the runtime's own formatter writes it."""
    log = io.StringIO()
    output = logging.StreamHandler(log)
    formatter = importlib.import_module("awslambdaric.lambda_runtime_log_utils").JsonFormatter()
    output.setFormatter(formatter)

    def name_request(record: logging.LogRecord) -> bool:
        record.aws_request_id = _REQUEST_ID
        return True

    output.addFilter(name_request)
    logging.root.addHandler(output)
    logging.root.setLevel(logging.INFO)
    try:
        yield log
    finally:
        logging.root.removeHandler(output)


if __name__ == "__main__":
    os.environ |= {
        **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "SUBMITTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/submissions",
        "SUBMITTER_STACK": "submitter",
    }
    sys.exit(main())
