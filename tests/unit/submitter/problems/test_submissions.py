"""What `submissions/` promises of each program."""

from pathlib import Path

import pytest

from grading.verdict import Verdict
from submitter.problems.submissions import DEFAULTS, Bound, Example, Requirement
from unit.submitter.problems.folders import GROUPS, errors, ignored, read_changed, warnings

AC, WA, TLE, RTE = Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE
FILE = "submissions/submissions.yaml"


def examples(folder: Path, rules: str, *names: str) -> dict[str, Example]:
    """Return the folder's programs after writing more of them."""
    files: dict[str, str | bytes | None] = {
        **GROUPS,
        FILE: rules,
        **{f"submissions/{name}": "print(1)\n" for name in names},
    }
    read = read_changed(folder, files)
    assert read.problem, errors(read)
    return {each.name: each for each in read.examples}


def test_folders_promise(tmp_path: Path) -> None:
    found = examples(tmp_path, "", "wrong_answer/a.py", "brute_force/b.py3", "mine/c.py")

    assert found["accepted/right.py"].requirements == (DEFAULTS["accepted"],)
    assert found["wrong_answer/a.py"].requirements == (DEFAULTS["wrong_answer"],)
    assert found["brute_force/b.py3"].requirements == (DEFAULTS["brute_force"],)
    assert found["mine/c.py"].requirements == ()


def test_a_folder_that_promises_nothing_is_a_warning(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        FILE: "partial/*:\n  authors: A\n  use_for_time_limit: false\n",
        "submissions/acepted/a.py": "\n",
        "submissions/partial/a.py": "\n",
    }
    read = read_changed(tmp_path, files)

    assert [each[:45] for each in warnings(read)] == [
        "submissions/acepted/a.py: Nothing says what i",
        "submissions/partial/a.py: Nothing says what i",
    ]


def test_patterns_add_and_a_folders_name_replaces(tmp_path: Path) -> None:
    rules = """\
time_limit_exceeded:
  permitted: [AC, WA, TLE]
time_limit_exceeded/*-{easy,hard}.py:
  score: [30, 50]
accepted/*:
  score: 100
accepted:
  authors: A
"""
    slow = "time_limit_exceeded/slow-easy.py"
    found = examples(tmp_path, rules, slow, "time_limit_exceeded/slow.py")

    replaced = Requirement(permitted=frozenset({AC, WA, TLE}), required=frozenset({TLE}))
    assert found[slow].requirements == (replaced, Requirement(score=(30, 50)))
    assert found["time_limit_exceeded/slow.py"].requirements == (replaced,)
    assert found["accepted/right.py"].requirements == (
        DEFAULTS["accepted"],
        Requirement(score=(100, 100)),
    )


def test_promises_for_some_cases(tmp_path: Path) -> None:
    rules = """\
rejected/a.py:
  sample:
    permitted: AC
  secret/*/1:
    required: [WA, RTE]
  secret/easy:
    score: 30
"""
    _, *found = examples(tmp_path, rules, "rejected/a.py")["rejected/a.py"].requirements

    assert found == [
        Requirement(),
        Requirement(cases="sample", permitted=frozenset({AC})),
        Requirement(cases="secret/*/1", required=frozenset({WA, RTE})),
        Requirement(cases="secret/easy", score=(30, 30)),
    ]
    assert [found[1].covers(case) for case in ("sample/1", "sample/a/1", "secret/1")] == [
        True,
        True,
        False,
    ]
    assert [found[2].covers(case) for case in ("secret/easy/1", "secret/1", "secret/a/11")] == [
        True,
        False,
        False,
    ]


def test_a_star_stays_in_its_folder() -> None:
    assert Requirement(cases="secret/*-a").covers("secret/1-a")
    assert not Requirement(cases="s*1").covers("sample/1")


def test_braces() -> None:
    pattern = Requirement(cases="secret/{,1}{ 2, 3 }")

    covered = [f"secret/{name}" for name in ("2", "3", "12", "1", "23", "{,1}2", "112")]
    assert [pattern.covers(each) for each in covered] == [True] * 3 + [False] * 4


@pytest.mark.parametrize(
    ("requirement", "bound"),
    [
        (DEFAULTS["accepted"], Bound.LOWER),
        (DEFAULTS["wrong_answer"], Bound.LOWER),
        (DEFAULTS["run_time_error"], Bound.LOWER),
        (DEFAULTS["time_limit_exceeded"], Bound.UPPER),
        (DEFAULTS["brute_force"], None),
        (DEFAULTS["rejected"], None),
        (Requirement(permitted=frozenset({AC}), use_for_time_limit=False), None),
        (Requirement(use_for_time_limit=Bound.UPPER), Bound.UPPER),
    ],
)
def test_bounds_of_the_time_limit(requirement: Requirement, bound: Bound | None) -> None:
    assert requirement.bound is bound


def test_use_for_time_limit_requires_what_it_says(tmp_path: Path) -> None:
    rules = "mine/a.py: {use_for_time_limit: lower}\nmine/b.py: {use_for_time_limit: upper}\n"
    found = examples(tmp_path, rules, "mine/a.py", "mine/b.py")

    assert found["mine/a.py"].requirements[0].permitted == frozenset({AC, WA, RTE})
    assert found["mine/b.py"].requirements[0].required == frozenset({TLE})


def test_programs_in_folders(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        FILE: "accepted/b: {entrypoint: start.py}\naccepted/d: {language: cpp}\n",
        "submissions/accepted/a/__main__.py": "import other\n",
        "submissions/accepted/a/other.py": "print(1)\n",
        "submissions/accepted/b/start.py": "print(2)\n",
        "submissions/accepted/b/words.txt": "a\n",
        "submissions/accepted/b/more.py": "\n",
        "submissions/accepted/c/only.py": "print(3)\n",
        "submissions/accepted/d/a.py": "\n",
        "submissions/accepted/c/__pycache__/only.pyc": b"\xff",
    }
    read = read_changed(tmp_path, files)

    assert [(each.name, each.program, {*each.files}) for each in read.examples] == [
        ("accepted/a", b"import other\n", {"other.py"}),
        ("accepted/b", b"print(2)\n", {"words.txt", "more.py"}),
        ("accepted/c", b"print(3)\n", set()),
        ("accepted/right.py", b"print(sum(map(int, input().split())))\n", set()),
    ]
    assert ignored(read) == ["submissions/accepted/d: It is ignored: it is not in Python."]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("accepted:\n  permitted: [OK]\n", "2: permitted must be of AC, WA, TLE and RTE, not 'OK'"),
        ("accepted:\n  permited: [AC]\n", "2: permited must have keys and values"),
        ("accepted:\n  sample: {entrypoint: a}\n", "2: The unknown key 'entrypoint'"),
        ("accepted:\n  score: [1, 2, 3]\n", "2: score must be a number, or the least"),
        ("accepted:\n  score: high\n", "2: score must be a number"),
        ("accepted:\n  use_for_time_limit: both\n", "2: use_for_time_limit must be true or false"),
        ("accepted/{a,b: {}\n", "1: "),
        ("accepted: [AC]\n", "1: accepted must have keys and values"),
    ],
)
def test_a_mistake_in_submissions_yaml_is_an_error(
    rules: str, expected: str, tmp_path: Path
) -> None:
    read = read_changed(tmp_path, {FILE: rules})

    assert errors(read)
    assert errors(read)[0].startswith(f"{FILE}:{expected}")


def test_what_names_no_program_is_a_warning(tmp_path: Path) -> None:
    rules = "accepted/rihgt.py: {}\naccepted:\n  secret/none: {}\n"
    read = read_changed(tmp_path, {FILE: rules, "submissions/a.py": "\n"})

    assert warnings(read) == [
        f"{FILE}:3: secret/none is neither a key nor the name of a case or group.",
        "submissions/a.py: It is ignored: programs are in folders, such as submissions/accepted.",
        f"{FILE}:1: No program is called accepted/rihgt.py.",
    ]


def test_several_files_without_an_entry_point_are_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "submissions/accepted/a/b.py": "\n",
        "submissions/accepted/a/c.py": "\n",
    }
    read = read_changed(tmp_path, files)

    assert [each[:64] for each in errors(read)] == [
        "submissions/accepted/a: It has several files and no __main__.py:"
    ]
