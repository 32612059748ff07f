"""Verdicts: from how a run ended and what the validator says; and how much of a run is kept."""

from dataclasses import replace

import pytest

from grading.text import EXCERPT_CHARACTERS
from grading.verdict import Verdict, judge, verdict_of
from sandbox import End
from unit.grading.examples import RIGHT, RUNS, a_case, validated

CASE = a_case("secret/1")

VERDICTS = {
    End.FAILED: Verdict.RTE,
    End.FUEL: Verdict.TLE,
    End.CPU: Verdict.TLE,
    End.SLEPT: Verdict.TLE,
    End.MEMORY: Verdict.MLE,
    End.OUTPUT: Verdict.OLE,
    End.TRAPPED: Verdict.RTE,
    End.WALL: Verdict.JE,
    End.BROKEN: Verdict.JE,
}


def test_only_a_program_that_exited_is_right_or_wrong() -> None:
    for accepted in (True, False):
        others = {end: verdict_of(end, accepted=accepted) for end in End if end is not End.EXITED}
        assert others == VERDICTS
    assert verdict_of(End.EXITED, accepted=True) is Verdict.AC
    assert verdict_of(End.EXITED, accepted=False) is Verdict.WA


@pytest.mark.parametrize("verdict", Verdict)
def test_a_run_is_judged(verdict: Verdict) -> None:
    result = judge(CASE, RUNS[verdict])
    assert result.verdict is verdict
    assert (result.difference is not None) == (verdict is Verdict.WA)
    assert (result.name, result.execution_time, result.fuel) == ("secret/1", 0.125, 1_000)


def test_the_cases_arguments_decide() -> None:
    close = replace(RIGHT, stdout=b"41.9")
    assert judge(CASE, close).verdict is Verdict.WA
    tolerant = replace(CASE, output_validator_args=("float_tolerance", "0.1"))
    assert judge(tolerant, close).verdict is Verdict.AC


@pytest.mark.parametrize("accepted", [True, False])
def test_the_problems_own_validator_decides_alone(accepted: bool) -> None:  # noqa: FBT001
    for verdict in (Verdict.AC, Verdict.WA):
        result = judge(CASE, RUNS[verdict], validated("for staff\0", "for all", accepted=accepted))
        assert result.verdict is (Verdict.AC if accepted else Verdict.WA)
        assert (result.difference, result.line, result.stdout.start) == (None, 0, 0)
        messages = (result.judge_message.text, result.team_message.text)
        assert messages == ("for staff\N{SYMBOL FOR NULL}", "for all")


def test_bytes_that_are_not_utf8_equal_no_replacement_character() -> None:
    case = replace(CASE, answer="\N{REPLACEMENT CHARACTER}")
    for stdout in (b"\xff", b"\xed\xa0\x80", b"\xef\xbf"):
        assert judge(case, replace(RIGHT, stdout=stdout)).verdict is Verdict.WA
    assert judge(case, replace(RIGHT, stdout=b"\xef\xbf\xbd")).verdict is Verdict.AC


def test_a_result_keeps_an_excerpt_around_the_difference_and_the_end_of_the_errors() -> None:
    lines = [f"{i}\n" for i in range(100_000)]
    case = replace(CASE, answer="".join(lines))
    lines[77_777] = "seven\n"
    result = judge(case, replace(RIGHT, stdout="".join(lines).encode(), stderr=b"e" * 10**7 + b"!"))
    assert result.difference is not None
    assert (result.line, result.column) == (77_778, 1)
    assert len(result.stdout.text) == len(result.stderr.text) == EXCERPT_CHARACTERS
    place = result.difference.output_at - result.stdout.start
    assert result.stdout.text[place:].startswith("seven\n77778\n")
    assert result.stdout.text[:place].endswith("77776\n")
    assert result.stderr.text.endswith("e!")
    assert result.stderr.length == 10_000_001


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"a\tb\nc", "a\tb\nc"),
        (b"\0\x01\x1b[31mred\r\x7f", "␀␁␛[31mred␍␡"),
        ("é \x85\x9b\u202edrow\u2066\ufffe 🚀".encode(), "é ���drow�� 🚀"),
        (b"\xff\xfe\x80", "���"),
    ],
)
def test_unsafe_characters_are_replaced_one_by_one(printed: bytes, shown: str) -> None:
    assert judge(CASE, replace(RIGHT, stdout=printed)).stdout.text == shown
