"""The README's picture of a terminal is what a terminal shows."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console

from submitter.aws.bucket import ObjectVersion
from submitter.aws.intake_log import LogLine
from submitter.why.diagnosis import Grace
from submitter.why.evidence import Evidence
from submitter.why.story import tell
from submitter.why.view import render_why

README = Path(__file__).resolve().parents[2] / "README.md"
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
KEY = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}"
UPLOADED = datetime(2026, 11, 24, 2, 13, 41, tzinfo=UTC)
CODE = ObjectVersion(
    key=f"{KEY}.py",
    version_id="AaILVJDmJMSRCCcZLT1CSq0mXzW9s1G8",
    etag="291b7027b0313ab8de9da51d60993f79",
    time=UPLOADED,
    is_latest=True,
)
DATA = ObjectVersion(
    key=f"{KEY}.json",
    version_id="AaILVJDnG8kVlzPCJpkTDgMWXGpW2ukw",
    etag="25dc9dd5a7f459f34892c35820dea488",
    time=UPLOADED,
    is_latest=True,
)
ANNOUNCED = LogLine(
    time=UPLOADED + timedelta(seconds=1),
    outcome="announced",
    request_id="b49825c2-5d59-414f-a844-59a544de38ba",
    key=DATA.key,
    version_id=DATA.version_id,
    subid=SUBID,
    message_id="f6ccdbc9-d99c-4647-bdfd-c9d8cc9fc959",
    reason=None,
    cause=None,
    detail=None,
)


def test_readme_shows_the_output_of_why() -> None:
    evidence = Evidence(
        subid=SUBID,
        bucket="bucket",
        now=UPLOADED + timedelta(seconds=2),
        versions=(CODE, DATA),
        log_lines=(ANNOUNCED,),
        queue_depth=1,
    )
    shown = StringIO()
    Console(file=shown, width=120).print(render_why(tell(evidence, Grace())))

    text = README.read_text(encoding="utf-8")
    picture = text.partition(f"$ submitter why {SUBID}\n")[2].partition("```")[0]
    assert picture.splitlines() == [line.rstrip() for line in shown.getvalue().strip().splitlines()]
