"""What is measured of the function: the parts that need no process, and what the report says."""

from typing import Any

import pytest

from package_function import SOURCE
from performance.cold_start import as_data
from performance.footprint import sizes, without_words
from performance.function_runs.client_variants import VARIANTS, variant_of
from performance.function_runs.function_start import Import, Start, peak_kib
from performance.function_runs.sqs_stub import answer
from performance.function_runs.warm_path_worker import Case, event_of
from performance.sections import cold_start, footprint, warm_path
from performance.warm_path import as_data as warm_data
from submission_intake.s3_event import UploadedObject, read_event
from submission_intake.submission_key import IgnoredKey, SubmissionKey, parse_key

CLIENT = (SOURCE / "sqs_client.py").read_text(encoding="utf-8")
IMPORTS = {
    "intake": [Import(120, 110)],
    "tutorial": [Import(220, 210)],
    "nothing": [Import(20, 10)],
}


def cold_data(intake_ms: float) -> dict[str, Any]:
    """Return a record's data, with a tutorial's handler that takes 100 ms."""
    starts = {
        name: [Start(milliseconds, milliseconds / 2, 1024)]
        for name, milliseconds in {
            "intake": intake_ms,
            "tutorial": 100,
            **dict.fromkeys(VARIANTS, 90),
        }.items()
    }
    return as_data(starts, IMPORTS)


def row(text: str, label: str) -> str:
    """Return the one line of a table that begins with this label."""
    [line] = [line for line in text.splitlines() if line.startswith(f"| {label} |")]
    return line


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_is_another_client_that_compiles(name: str) -> None:
    variant = variant_of(CLIENT, name)
    assert variant != CLIENT
    compile(variant, name, "exec")
    assert "def sqs_client()" in variant


def test_a_client_that_has_changed_too_much_for_a_variant_is_an_error() -> None:
    with pytest.raises(ValueError, match="session_alone replaces"):
        variant_of("import os\n", "session_alone")


def test_every_variant_is_told_in_the_report() -> None:
    text = cold_start.text(cold_data(80))
    table = text[text.index("way to make the client") :].splitlines()[2:]
    assert len(table) == len(VARIANTS) + 1
    assert all("| 1.12 | 1.12 to 1.12 |" in line for line in table[1:])


@pytest.mark.parametrize(("intake_ms", "verdict"), [(85, "0.85: met"), (86, "0.85: missed")])
def test_the_ratio_of_cold_starts_is_shown_with_its_verdict(intake_ms: float, verdict: str) -> None:
    text = cold_start.text(cold_data(intake_ms))
    assert row(text, "first message").endswith(f"{verdict} |")
    assert f"| {intake_ms / 100:.2f} |" in row(text, "first message")


def test_an_import_is_what_python_alone_does_not_take() -> None:
    text = cold_start.text(cold_data(80))
    assert row(text, "import alone").startswith("| import alone | 0.50 |")
    assert "| 100 ms | 100 ms | 100 ms | 1 |" in row(text, "intake function, import alone")


@pytest.mark.parametrize(
    ("valid_us", "verdict"), [(29.9, "met"), (30.0, "missed by 0.0 us"), (34.0, "missed by 4.0 us")]
)
def test_a_warm_record_is_shown_with_its_verdict_and_its_logs_share(
    valid_us: float, verdict: str
) -> None:
    seconds = {key: [5e-06] for key in map(str, Case)} | {"intake_valid": [valid_us / 1e6]}
    line = row(warm_path.text(warm_data(seconds)), "intake function, valid key")
    assert line.endswith(f"| {valid_us - 5:.1f} us | under 30 us: {verdict} |")


@pytest.mark.parametrize(("size", "verdict"), [(9_999, "met"), (10_000, "missed")])
def test_the_zips_size_is_shown_with_its_verdict(size: int, verdict: str) -> None:
    data = {
        "peak_kib": {"intake": [2048, 1024], "tutorial": [2048, 2048]},
        "zip_bytes": {"intake": size, "tutorial": 500},
        "zip_bytes_otherwise": sizes(SOURCE),
        "make_package_seconds": [0.2, 0.1, 0.9],
    }
    text = footprint.text(data)
    assert row(text, "zip").endswith(
        f"| {size:,} bytes | 500 bytes | under 10,000 bytes: {verdict} |"
    )
    assert "| 1.5 MiB | 2.0 MiB | 0.75 (" in text
    assert "0.20 s" in row(text, "`make package`, median of 3")


def test_words_are_what_a_module_does_as_much_without() -> None:
    source = '"""Words."""\n\nA = "text"  # why\n\n\ndef f() -> None:\n    """Words alone."""\n'
    assert without_words(source) == "A = 'text'\n\ndef f() -> None:\n    pass\n"


def test_the_zip_otherwise_is_smaller_the_more_is_left_out() -> None:
    found = sizes(SOURCE)
    stored = sum(path.stat().st_size for path in SOURCE.glob("*.py"))
    assert found["without_words_deflated"] < found["deflated"] < stored
    assert found["without_words_deflated"] < found["without_words"] < stored


def test_a_process_tells_its_peak() -> None:
    assert peak_kib("VmPeak:\t  999 kB\nVmHWM:\t   38604 kB\nVmRSS:\t  20 kB\n") == 38604
    with pytest.raises(ValueError, match="VmHWM"):
        peak_kib("Name:\tpython\nState:\tZ (zombie)\n")


def test_the_stub_takes_every_message_of_a_call() -> None:
    entries = [{"Id": "a", "MessageBody": "{}"}, {"Id": "b", "MessageBody": "{}"}]
    taken = answer("AmazonSQS.SendMessageBatch", {"Entries": entries})
    assert [each["Id"] for each in taken["Successful"]] == ["a", "b"]
    assert taken["Failed"] == []
    assert answer("AmazonSQS.SendMessage", {"MessageBody": "{}"})["MessageId"]
    with pytest.raises(ValueError, match="no call that sends"):
        answer("AmazonSQS.PurgeQueue", {})


@pytest.mark.parametrize(
    ("case", "kind"), [(Case.INTAKE_VALID, SubmissionKey), (Case.TUTORIAL_IGNORED, IgnoredKey)]
)
def test_a_case_has_ten_records_of_its_kind(case: Case, kind: type) -> None:
    uploads = list(read_event(event_of(case)))
    assert len(uploads) == 10
    for upload in uploads:
        assert isinstance(upload, UploadedObject)
        assert isinstance(parse_key(upload.key), kind)
