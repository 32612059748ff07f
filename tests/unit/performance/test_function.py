"""The function is measured at work: started as on Lambda, and sending a message for each event."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from performance.function_process import FunctionError, Functions, Package, functions, peak_mib
from performance.warm_path import Case, event_of
from submission.keys import IgnoredKey, SubmissionKey, parse_key
from submission.message import UploadedObject
from submission_intake.s3_event import read_event


@pytest.fixture
def place() -> Iterator[Functions]:
    with functions() as place:
        yield place


def test_intake_function_is_measured_while_it_announces_and_logs(place: Functions) -> None:
    runs = place.run(place.intake(), runs=3)

    assert runs.first_message_ms > 0
    # A start loads the SDK; a further run does not.
    assert 0 < 5 * runs.run_cpu_ms < runs.cpu_ms
    assert runs.peak_mib > 10
    # The announcement's line and its metrics, without those of the runs before.
    assert len(runs.log) == 2


def test_boto3_s_client_is_another_one_that_announces_too(place: Functions) -> None:
    ours, other = place.intake(), place.intake_with_boto3()

    assert other.folder != ours.folder
    assert place.run(other).peak_mib > place.run(ours).peak_mib


def function(folder: Path, code: str) -> Package:
    (folder / "broken.py").write_text(f"def handler(event, context):\n    {code}\n")
    return Package("broken", folder, "broken.handler", 0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pass", "broken sent 0 messages"),
        ("raise ValueError('no queue')", "broken failed: .*no queue"),
        ("import os; os._exit(3)", "broken failed"),
    ],
)
def test_function_that_sends_nothing_is_an_error_and_no_measurement(
    place: Functions, tmp_path: Path, code: str, said: str
) -> None:
    with pytest.raises(FunctionError, match=f"(?s){said}"):
        place.run(function(tmp_path, code))


def test_peak_memory_is_that_of_the_process_s_status() -> None:
    assert peak_mib("VmPeak:\t  9000 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n") == 2.0
    with pytest.raises(ValueError, match="no VmHWM"):
        peak_mib("VmPeak:\t  9000 kB\n")


@pytest.mark.parametrize(
    ("case", "kind"), [(Case.INTAKE, SubmissionKey), (Case.INTAKE_IGNORED, IgnoredKey)]
)
def test_case_has_ten_records_of_its_kind(case: Case, kind: type) -> None:
    uploads = list(read_event(event_of(case)))

    assert len(uploads) == 10
    for upload in uploads:
        assert isinstance(upload, UploadedObject)
        assert isinstance(parse_key(upload.key), kind)
