"""Every command in unusual circumstances.

No rights, a wrong name, no AWS, an empty stack, an interruption, and a whole course at once.
"""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulation.stack import Stack
from local.fault_proxy import Request, Verdict, denying_all_but, fault_proxy
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import TOOL, Completed, run_in, run_tool, tool_environment

pytestmark = pytest.mark.xdist_group("tool")

NOW = ("--older-than", "0s")
COMMANDS = {
    "submit": (
        "submit",
        "{file}",
        "--admin",
        "a",
        "--event",
        "e",
        "--problem",
        "p",
        "--token",
        "t",
    ),
    "why": ("why", "fc55c0190dde2bc413d8d1e79fb8cca2"),
    "status": ("status",),
    "watch": ("watch", "--for", "1"),
    "reconcile": ("reconcile", *NOW),
    "redrive": ("redrive",),
    "doctor": ("doctor",),
}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    """Each command's usual arguments, in turn."""
    file = tmp_path / "lab.py"
    file.write_text("print(1)\n")
    return tuple(part.format(file=file) for part in COMMANDS[request.param])


@pytest.fixture
def empty(intake: Intake) -> Iterator[Intake]:
    """The stack with nothing in it, and nothing left in it afterwards."""
    intake.empty()
    yield intake
    intake.empty()


@pytest.mark.parametrize("services", [(), ("ssm",)], ids=["nothing", "the stack's names"])
def test_missing_rights_are_an_error_of_one_sentence(
    stack: Stack, command: tuple[str, ...], services: tuple[str, ...]
) -> None:
    with fault_proxy(stack.endpoint.url, denying_all_but(*services)) as aws:
        done = run_in(tool_environment(stack) | {"AWS_ENDPOINT_URL": aws.url}, *command)

    assert done.exit_code == 3
    # `doctor` reports refused checks in its findings.
    said = " ".join((done.output + done.errors).split())
    assert "does not let these credentials do this" in said
    assert "--profile" in said
    assert "Traceback" not in said


def test_unknown_stack_is_an_error_of_one_sentence(stack: Stack, command: tuple[str, ...]) -> None:
    done = run_tool(stack, "--stack", "nowhere", *command)

    assert done.exit_code == 3
    assert "There is no stack 'nowhere'" in done.errors
    assert done.output == ""
    assert "Traceback" not in done.errors


def test_unreachable_aws_is_an_error_of_one_sentence(
    stack: Stack, command: tuple[str, ...]
) -> None:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}

    done = run_in(tool_environment(stack) | nowhere, *command)

    assert done.exit_code == 3
    assert "AWS could not be asked" in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (COMMANDS["why"], 1, "NOT_UPLOADED"),
        (COMMANDS["status"], 0, "nothing needs attention"),
        (COMMANDS["watch"], 0, '"uploads": 0'),
        (COMMANDS["reconcile"], 0, "0 submission(s) checked"),
        (COMMANDS["redrive"], 0, "empty"),
        (COMMANDS["doctor"], 0, " checks passed"),
    ],
)
def test_empty_stack_is_sound(
    empty: Intake, arguments: tuple[str, ...], exit_code: int, says: str
) -> None:
    done = run_tool(empty.stack, *arguments)

    assert (done.exit_code, done.errors) == (exit_code, "")
    assert says in done.output


def _interrupt(stack: Stack, place: Callable[[Request], bool], *arguments: str) -> Completed:
    """Interrupt a command in the middle of a request, which AWS never answers."""

    def judge(request: Request) -> Verdict:
        return Verdict.HOLD if place(request) else Verdict.PASS

    with (
        fault_proxy(stack.endpoint.url, judge) as aws,
        subprocess.Popen(
            [*TOOL, *arguments],
            env=tool_environment(stack) | {"AWS_ENDPOINT_URL": aws.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            assert aws.held.wait(ARRIVAL_SECONDS), "the place was never reached"
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=ARRIVAL_SECONDS)
        finally:
            process.kill()
    assert "Traceback" not in errors
    assert process.returncode == 130, errors
    return Completed(process.returncode, output, errors)


def _uploads_data(request: Request) -> bool:
    return request.method == "PUT" and request.path.endswith(".json")


def _of(service: str) -> Callable[[Request], bool]:
    return lambda request: request.service == service


def test_interrupted_submit_continues_when_run_again(
    stack: Stack, intake: Intake, tmp_path: Path
) -> None:
    (tmp_path / "lab.py").write_text("print(1)\n")
    rows = [f"lab.py,interrupted,e,p,{Submission().subid}" for _ in range(3)]
    (tmp_path / "class.csv").write_text("\n".join(["file,admin,event,problem,tokens", *rows]))
    arguments = ("submit", str(tmp_path / "class.csv"), "--yes", "--json")

    _interrupt(stack, _uploads_data, *arguments)
    again = run_tool(stack, *arguments)

    assert again.exit_code == 0, again.errors
    for each in json.loads(again.output)["submissions"]:
        assert len(intake.messages(each["key"])) == 1


@pytest.mark.parametrize(("name", "place"), [("why", _of("logs")), ("watch", _of("s3"))])
def test_interrupted_look_can_be_repeated(
    empty: Intake, name: str, place: Callable[[Request], bool]
) -> None:
    _interrupt(empty.stack, place, *COMMANDS[name])

    assert run_tool(empty.stack, *COMMANDS[name]).exit_code == (name == "why")


@pytest.mark.parametrize(
    "submissions",
    [
        pytest.param(60, id="120 objects"),
        pytest.param(5_000, id="10,000 objects", marks=pytest.mark.nightly),
    ],
)
def test_every_command_handles_a_whole_course(
    empty: Intake, tmp_path: Path, submissions: int
) -> None:
    (tmp_path / "lab.py").write_text("print(1)\n")
    rows = [f"lab.py,course,e,p,{number:032x}" for number in range(submissions)]
    (tmp_path / "course.csv").write_text("\n".join(["file,admin,event,problem,tokens", *rows]))
    stack = empty.stack

    with empty.without_notification():
        done = run_tool(stack, "submit", str(tmp_path / "course.csv"), "--yes", "--json")
    states = {each["state"] for each in done.report["submissions"]}
    assert (done.exit_code, states) == (0, {"uploaded"}), done.errors
    subid = done.report["submissions"][submissions // 2]["subid"]

    why = run_tool(stack, "why", subid, "--grace", "0s", "--json").report
    assert why["stories"][0]["diagnosis"] == "never_announced"

    done = run_tool(stack, "reconcile", *NOW, "--rate", "10000", "--yes", "--json")
    assert (done.exit_code, done.report["outcomes"]) == (0, {"announced": submissions}), done.errors
    assert empty.count(stack.outputs.queue_url) == submissions

    assert run_tool(stack, "reconcile", *NOW).exit_code == 0
    assert run_tool(stack, "status", "--json").report["submissions"]["submissions"] == submissions
    assert run_tool(stack, "why", subid).exit_code == 0
    watched = run_tool(stack, "watch", "--for", "1")
    assert json.loads(watched.output.splitlines()[0])["queue_visible"] == submissions
    assert run_tool(stack, "redrive").exit_code == 0
    assert run_tool(stack, "doctor").exit_code == 0
