"""What commands print, told apart into what a developer waits for."""

from embedded_aws.project import ROOT
from performance import developers_wait
from performance.developers_wait import Part, demo_parts, slowest, suite_sums
from performance.sections import developers_wait as section

DEMO = """   0.0 s  Starting LocalStack
   1.3 s  LocalStack is up at http://127.0.0.1:46175
   1.4 s  terraform init
   3.1 s  terraform apply (the AWS provider itself waits a minute for a new stack)
  33.0 s    module.submitter_queue.module.queue.aws_sqs_queue.this (26 s)
  70.9 s    module.submitter_bucket.aws_s3_bucket_lifecycle_configuration.this (55 s)
  71.0 s  Submitting the specification's example, the .py first and the .json last
  71.2 s    s3://bucket/key.py
  72.6 s  The message is on the queue after 1.4 seconds
{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}
"""
DURATIONS = """
============================= slowest 3 durations ==============================
2.35s call     tests/local/test_flow.py::test_one
61.20s setup    tests/local/test_flow.py::test_one
0.01s teardown tests/access/test_matrix.py::test_two[a b]
======= 12 passed in 70.00s =======
"""
REPORT = """<testsuites><testsuite>
<testcase classname="tests.local.test_flow" name="a" time="1.5"/>
<testcase classname="tests.faults.test_faults" name="b" time="4"/>
<testcase classname="tests.local.test_lifecycle" name="c" time="3.25"/>
</testsuite></testsuites>"""


def test_steps_of_the_demo_follow_each_other_and_the_provider_has_its_own() -> None:
    parts, provider = demo_parts(DEMO)
    assert parts[2:] == (
        Part("terraform init", 1.7),
        Part("terraform apply", 67.9),
        Part("Submitting the specification's example, the .py first and the .json last", 1.6),
    )
    assert provider == 55


def test_slowest_phases_come_first_and_say_which() -> None:
    assert slowest(DURATIONS)[:2] == (
        Part("setup of test_flow.py::test_one", 61.2),
        Part("call of test_flow.py::test_one", 2.35),
    )
    assert slowest("== 12 passed in 70.00s ==") == ()


def test_suites_are_added_up() -> None:
    assert suite_sums(REPORT) == (Part("tests/local", 4.8), Part("tests/faults", 4.0))


def test_lints_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    names = developers_wait._lint_names(makefile)  # noqa: SLF001
    assert {"lint-python", "lint-workflows"} <= set(names)
    assert all(f"\n{name}:\n" in makefile for name in names)


def test_report_says_what_is_the_providers() -> None:
    wait = {
        "command": "make demo",
        "wall_seconds": 80.0,
        "cpu_seconds": 12.0,
        "parts": [{"what": "terraform apply", "seconds": 67.9}],
        "parallel": False,
        "provider_seconds": 60.0,
    }
    text = section.text({"waits": [wait]})
    assert "| `make demo` | 80 s | 12 s | terraform apply 68 s |" in text
    assert "60 s are the provider's own wait, 75% of it; 20 s are everything else." in text
