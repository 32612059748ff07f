"""Problem objects: written and read, and what is damaged, from the future or contradictory."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import problem
from grading.document import DocumentError
from grading.problem import (
    File,
    Group,
    Limits,
    Problem,
    digest_of,
    entry_point,
    read_problem,
    write_problem,
)
from unit.grading.examples import (
    CASES,
    GROUPS,
    MIN,
    PASS_FAIL,
    PASS_FAIL_PROBLEM,
    PROBLEM,
    SUM,
    a_case,
    scoring_problems,
)

SECRET, EASY, HARD = GROUPS


def test_a_problem_is_one_json_object_with_the_formats_names() -> None:
    written = json.loads(write_problem(PROBLEM))
    assert written.keys() == {"format", "digest", *(field.name for field in fields(Problem))}
    assert written["limits"] == {"time_limit": 1.5, "memory": 256, "output": 8}
    assert written["groups"][1] == {
        "name": "secret/easy",
        "max_score": 30,
        "score_aggregation": "pass-fail",
        "require_pass": ["sample"],
    }
    assert written["cases"][0] == {
        "name": "sample/1",
        "args": ["-n", "1"],
        "stdin": "sample/1 input\n",
        "answer": "42\n",
        "output_validator_args": [],
        "full_feedback": True,
        "hint": "Read the whole line.",
        "description": None,
    }
    assert written["digest"] == digest_of(PROBLEM)
    # Results name digests: the same problem has the same one in every release.
    assert digest_of(PROBLEM) == "6a06cfdc9aebbaa8a4b0c7cf113814d21faa252ee77bc4706b8b6e92a12f5133"


TEXTS = st.text(max_size=20)


@given(scoring_problems(), TEXTS, TEXTS, st.none() | TEXTS, st.floats(1e-3, 1e6))
@settings(max_examples=25)
def test_a_written_problem_is_read_as_it_was(
    some: Problem, name: str, stdin: str, hint: str | None, seconds: float
) -> None:
    case = replace(some.cases[-1], stdin=stdin, answer=name, args=(name, stdin), hint=hint)
    some = replace(some, name=name, limits=Limits(seconds, 1, 1), cases=(*some.cases[:-1], case))
    data = write_problem(some)
    assert read_problem(data) == some
    assert write_problem(read_problem(data)) == data


def test_a_whole_number_of_seconds_is_the_same_limit_either_way() -> None:
    whole, same = (replace(PROBLEM, limits=Limits(seconds, 256, 8)) for seconds in (2, 2.0))
    assert write_problem(whole) == write_problem(same)


def _changed(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return value[:-1] if value else ("more",)
    return f"{value}?" if isinstance(value, str) or value is None else value + 1


@pytest.mark.parametrize(
    "change",
    [
        *(
            (Problem, name)
            for name in ("name", "uuid", "type", "groups", "cases", "include", "output_validator")
        ),
        *((Limits, field.name) for field in fields(Limits)),
        *((Group, field.name) for field in fields(Group)),
        *((problem.Case, field.name) for field in fields(problem.Case)),
        *((File, field.name) for field in fields(File)),
    ],
    ids=lambda change: f"{change[0].__name__}.{change[1]}",
)
def test_the_digest_changes_with_every_field(change: tuple[type, str]) -> None:
    kind, name = change

    def change_in(part: Any) -> Any:  # noqa: ANN401
        return replace(part, **{name: _changed(getattr(part, name))})

    changes: dict[type, Callable[[], Problem]] = {
        Problem: lambda: change_in(PROBLEM),
        Limits: lambda: replace(PROBLEM, limits=change_in(PROBLEM.limits)),
        Group: lambda: replace(PROBLEM, groups=(*GROUPS[:-1], change_in(HARD))),
        problem.Case: lambda: replace(PROBLEM, cases=(change_in(CASES[0]), *CASES[1:])),
        File: lambda: replace(PROBLEM, include=(change_in(PROBLEM.include[0]),)),
    }
    assert digest_of(changes[kind]()) != digest_of(PROBLEM)


def _damaged(**changes: object) -> bytes:
    """Return the example's object with other values, and the digest that goes with them."""
    written = json.loads(write_problem(PROBLEM)) | changes
    return json.dumps(written).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is damaged, not a JSON document"),
        (write_problem(PROBLEM)[:-20], "it is damaged, not a JSON document"),
        (b"\xff\xfe{\0}\0", "it is damaged, not a JSON document"),
        (b"\xef\xbb\xbf{}", "it is damaged, not a JSON document"),
        (b"[" * 100_000, "it is damaged, not a JSON document"),
        (b'{"format": ' + b"9" * 10_000 + b"}", "it is damaged, not a JSON document"),
        (b'{"format": NaN}', "it is damaged, not a JSON document: NaN"),
        (b'{"format": 1, "format": 1}', "a key occurs twice"),
        (b"[]", "it must be an object, not a list"),
        (b"{}", "format must be a version, such as 1, not None"),
        (_damaged(format=True), "format must be a version"),
        (_damaged(format=0), "format must be a version"),
        (_damaged(format=2), "it has format 2, from a newer release; this one reads up to 1"),
        (_damaged(answers=[]), "it has the unknown key 'answers'"),
        (b'{"format": 1}', "it lacks the key cases"),
        (_damaged(name=1), "name must be a text, not 1"),
        (_damaged(name="\ud800"), "name must be a text of Unicode characters"),
        (_damaged(name="Sum"), "its content is not that of its digest"),
        (_damaged(digest="0" * 64), "its content is not that of its digest"),
        (_damaged(type="interactive"), "type must be one of pass-fail, scoring, not 'interactive'"),
        (_damaged(type=["scoring"]), "type must be one of pass-fail, scoring, not a list"),
        (_damaged(limits=None), "limits must be an object, not None"),
        (
            _damaged(limits={"time_limit": "1", "memory": 1, "output": 1}),
            "limits.time_limit must be a finite number, not '1'",
        ),
        (
            _damaged(limits={"time_limit": 1, "memory": 1.5, "output": 1}),
            "limits.memory must be a whole number, not 1.5",
        ),
        (
            _damaged(limits={"time_limit": 10**400, "memory": 1, "output": 1}),
            "limits.time_limit must be a finite number, not a huge number",
        ),
        (
            _damaged(limits={"time_limit": 1, "memory": True, "output": 1}),
            "limits.memory must be a whole number, not True",
        ),
        (_damaged(cases={}), "cases must be a list, not an object"),
        (_damaged(cases=["x" * 100]), r"cases\[0\] must be an object, not 'x+\.\.\."),
        (_damaged(include=[{"name": "a"}]), r"include\[0\] lacks the key text"),
        (b" " * (problem.MAX_PROBLEM_BYTES + 1), "32,000,001 bytes; 32,000,000 are allowed"),
    ],
    ids=range(30),
)
def test_a_damaged_object_says_what_is_wrong(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_problem(data)


@pytest.mark.parametrize("value", ["1e999", "-1e999"])
def test_an_infinite_number_is_refused(value: str) -> None:
    data = write_problem(PROBLEM).replace(b'"time_limit":1.5', f'"time_limit":{value}'.encode())
    with pytest.raises(DocumentError, match=r"limits.time_limit must be a finite number"):
        read_problem(data)


def _with_groups(*groups: Group) -> Problem:
    return replace(PROBLEM, groups=groups)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(PROBLEM, uuid="sums"), "uuid must be a UUID, not 'sums'"),
        (replace(PROBLEM, name="\ud800"), "can't be written as JSON"),
        (replace(PROBLEM, limits=Limits(0, 1, 1)), "limits.time_limit must be more than 0"),
        (replace(PROBLEM, limits=Limits(float("nan"), 1, 1)), "can't be written as JSON"),
        (replace(PROBLEM, limits=Limits(1, 0, 1)), "limits.memory must be more than 0"),
        (replace(PROBLEM, limits=Limits(1, 1, -1)), "limits.output must be more than 0"),
        (replace(PROBLEM, cases=()), "cases must have one in secret"),
        (replace(PROBLEM, cases=CASES[:1]), "cases must have one in secret"),
        (replace(PROBLEM, cases=CASES[::-1]), "cases must be sorted by name, each once"),
        (replace(PROBLEM, cases=(CASES[0], *CASES)), "cases must be sorted by name, each once"),
        *(
            (replace(PASS_FAIL_PROBLEM, cases=(a_case(name),)), "cases has the impossible name")
            for name in (
                *(
                    "secret",
                    "secret/",
                    "secret/-a",
                    "secret/.a",
                    "secret//a",
                    "/secret/a",
                    "other/a",
                ),
                *("secret/../a", "secret/a\n", "secret/é", "secret/" + "a/" * 124 + "a"),
            )
        ),
        (
            replace(PASS_FAIL_PROBLEM, cases=tuple(a_case(f"secret/{i:03}") for i in range(501))),
            "it has 501 cases; 500 are allowed",
        ),
        (
            replace(PROBLEM, cases=(*CASES[:-1], replace(CASES[-1], output_validator_args=("x",)))),
            "output_validator_args of secret/hard/3: 'x' is no argument",
        ),
        (replace(PROBLEM, include=(File("../a.py", ""),)), "include has the impossible name"),
        (replace(PROBLEM, include=(File("a.py", ""),) * 2), "include must be sorted by name"),
        *(
            (replace(PROBLEM, output_validator=files), reason)
            for files, reason in (
                ((File("../a.py", ""),), "output_validator has the impossible name"),
                ((File("b.py", ""), File("a.py", "")), "output_validator must be sorted by name"),
                ((File("a.py", ""), File("b.py", "")), "output_validator must have one module, or"),
                ((File("validate.cc", ""),), "output_validator must have one module, or __main__"),
            )
        ),
        (replace(PASS_FAIL_PROBLEM, groups=GROUPS), "groups must be empty if type is pass-fail"),
        (_with_groups(), "groups must have secret if type is scoring"),
        (_with_groups(EASY, HARD), "groups must have secret if type is scoring"),
        (_with_groups(SECRET, EASY), "secret/hard/1 is in no group, but there are groups"),
        (
            _with_groups(SECRET, EASY, HARD, replace(HARD, name="secret/nothing", max_score=0)),
            "secret/nothing has no case",
        ),
        (_with_groups(SECRET, replace(EASY, max_score=-1), HARD), "max_score of secret/easy"),
        (_with_groups(SECRET, replace(EASY, max_score=31), HARD), "groups give up to 101, but"),
        (_with_groups(SECRET, replace(EASY, name="secret/easy/1"), HARD), "groups has the imposs"),
        (
            _with_groups(replace(SECRET, score_aggregation=PASS_FAIL), EASY, HARD),
            "score_aggregation of secret/hard must be pass-fail, as secret's",
        ),
        *(
            (_with_groups(*wrong), "require_pass of .* can name sample and earlier groups")
            for wrong in (
                (SECRET, replace(EASY, require_pass=("secret/easy",)), HARD),
                (SECRET, replace(EASY, require_pass=("secret/hard",)), HARD),
                (SECRET, replace(EASY, score_aggregation=SUM), HARD),
                (
                    replace(SECRET, score_aggregation=PASS_FAIL),
                    EASY,
                    replace(HARD, score_aggregation=PASS_FAIL, require_pass=("secret",)),
                ),
                (SECRET, EASY, replace(HARD, require_pass=("secret/other",))),
                (replace(SECRET, require_pass=("secret/easy",)), EASY, HARD),
            )
        ),
    ],
)
def test_what_contradicts_the_format_is_never_written(wrong: Problem, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        write_problem(wrong)


@pytest.mark.parametrize(
    "allowed",
    [
        PASS_FAIL_PROBLEM,
        _with_groups(SECRET),
        _with_groups(replace(SECRET, score_aggregation=PASS_FAIL, require_pass=("sample",))),
        _with_groups(replace(SECRET, score_aggregation=MIN, max_score=30), EASY, HARD),
        replace(PASS_FAIL_PROBLEM, cases=(a_case("secret/a/b/c-1.2_3"), a_case("secret/aa"))),
        replace(PROBLEM, include=(File("data/words.txt", "\0"), File("main.py", ""))),
        replace(PROBLEM, output_validator=(File("validate.py", ""), File("words.txt", ""))),
        replace(
            PROBLEM,
            output_validator=(File("__init__.py", ""), File("__main__.py", "")),
            cases=(*CASES[:-1], replace(CASES[-1], output_validator_args=("--its", "own"))),
        ),
    ],
    ids=range(8),
)
def test_what_the_format_allows_is_written(allowed: Problem) -> None:
    assert read_problem(write_problem(allowed)) == allowed


@pytest.mark.parametrize(
    ("names", "entry"),
    [
        (("check.py", "words.txt"), "check.py"),
        (("__init__.py", "__main__.py", "check.py"), "__main__.py"),
        (("check.py", "main.py"), None),
        (("check.cc",), None),
    ],
)
def test_a_program_starts_with_the_formats_file(names: tuple[str, ...], entry: str | None) -> None:
    assert entry_point([File(name, "") for name in names]) == entry
