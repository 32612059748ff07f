"""The page of a report: nothing in a result or a name is markup."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from grading.event import Event, Rule
from submission.keys import SubmissionKey
from submitter.report.page import report_page
from submitter.report.summary import NoRecord, Record, read_record, sum_up
from unit.submitter.pages import HOSTILE, check_page

DUE = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
SETTINGS = Event(DUE, DUE, None, 1, Rule.LAST)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_result_says_stays_text(hostile: str) -> None:
    def page_of(text: str) -> str:
        fields: dict[str, Any] = dict.fromkeys(
            ("status", "reason", "verdict", "timing", "output", "problemDigest"), text
        )
        fields |= {"score": 1, "max_score": 2, "execution_time": 1}
        fields["submittedAt"] = DUE.isoformat()
        fields["tests"] = [{"name": text, "status": "failed"}]
        record = read_record(json.dumps(fields).encode())
        assert isinstance(record, Record)
        # A key can have whatever S3 takes, but for the control characters.
        named = "".join(each for each in text if each.isprintable() and each not in "/\\") or "x"
        key = SubmissionKey(named, named, named, "0" * 32)
        found: list[tuple[SubmissionKey, Record | NoRecord]] = [
            (key, record),
            (key._replace(subid="1" * 32), NoRecord.UNREADABLE),
        ]
        return report_page(sum_up((named, named), SETTINGS, None, found), DUE)

    page, plain = check_page(page_of(hostile)), check_page(page_of("x" * len(hostile)))
    assert page.elements == plain.elements
    if hostile.isprintable():
        assert page.text.count(hostile) >= 9
