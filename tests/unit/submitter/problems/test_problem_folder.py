"""A problem's folder becomes the problem, and its findings name file and line."""

import re
from pathlib import Path

import pytest

from grading.problem import Aggregation, File, Group, Limits, ProblemType
from submitter.problems.doubts import GRADER_SECONDS
from submitter.problems.problem_folder import read_problem_folder
from unit.submitter.problems.folders import (
    FILES,
    GROUPS,
    PASS_FAIL,
    PROBLEM,
    UUID,
    errors,
    ignored,
    read_changed,
    warnings,
    write_problem_folder,
)


def with_problem(text: str) -> dict[str, str | bytes | None]:
    return {"problem.yaml": text}


def test_a_right_folder_has_no_findings(tmp_path: Path) -> None:
    read = read_changed(tmp_path)

    assert read.findings == ()
    assert read.problem
    assert (read.problem.name, read.problem.uuid) == ("Sums", UUID)
    assert read.problem.type is ProblemType.SCORING
    assert read.problem.limits == Limits(2.0, 128, 1)
    assert read.problem.groups == (Group("secret", 100, Aggregation.SUM, ()),)
    assert [(case.name, case.stdin, case.answer) for case in read.problem.cases] == [
        ("sample/1", "1 2\n", "3\n"),
        ("secret/1", "3 4\n", "7\n"),
        ("secret/2", "-3 4\n", "1\n"),
    ]
    assert [case.is_hidden for case in read.problem.cases] == [False, True, True]


def test_limits_have_defaults_and_a_warning_for_the_time(tmp_path: Path) -> None:
    read = read_changed(tmp_path, with_problem(PROBLEM.partition("limits:")[0]))

    assert read.problem
    assert read.problem.limits == Limits(1.0, 256, 8)
    assert warnings(read) == ["problem.yaml:1: limits.time_limit is missing: 1 s is taken."]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name:", "nmae:", "problem.yaml:2: The unknown key 'nmae'"),
        ("name: Sums", "", "problem.yaml:1: name is missing."),
        ("name: Sums", "name:", "problem.yaml:2: name has no value"),
        ("name: Sums", "name: true", 'problem.yaml:2: name must be a text: write "true"'),
        ("name: Sums", "name: Sums\nname: Sum", "problem.yaml:3: name is already in line 2"),
        ("2025-09", "2023-07", "problem.yaml:1: problem_format_version must be 2025-09"),
        (UUID, "1234", "problem.yaml:3: uuid must be a UUID"),
        ("scoring", "[scoring, interactive]", "problem.yaml:4: type can't be interactive here"),
        ("scoring", "points", "problem.yaml:4: type must be pass-fail or scoring."),
        ("time_limit: 2", "time_limit: 0", "problem.yaml:6: time_limit must be more than 0."),
        ("time_limit: 2", "time_limit: 2 s", "problem.yaml:6: time_limit must be a number"),
        ("time_limit: 2", "time_limit: 1e999", "problem.yaml:6: time_limit must be a number"),
        ("time_limit: 2", "time_limit: 0.5", "problem.yaml:6: time_limit must be a multiple"),
        ("memory: 128", "memory: 16", "problem.yaml:7: memory must be from 48 to 2048 MiB"),
        ("memory: 128", "memory: 1:30", "problem.yaml:7: memory must be a whole number"),
        ("output: 1", "output: 65", "problem.yaml:8: output must be from 1 to 64 MiB"),
        ("output: 1", "size: 1", "problem.yaml:8: The unknown key 'size'"),
        ("limits:", "languages: cpp\nlimits:", "problem.yaml:5: languages must have python3"),
        ("name: Sums", "name: [Sums", "problem.yaml:3: This is not YAML"),
        (PROBLEM, "Sums\n", "problem.yaml:1: The file must have keys and values"),
        ("name: Sums", "name: \x01", "problem.yaml: This is not YAML"),
    ],
)
def test_a_mistake_in_problem_yaml_is_an_error(
    before: str, after: str, expected: str, tmp_path: Path
) -> None:
    assert before in PROBLEM
    read = read_changed(tmp_path, with_problem(PROBLEM.replace(before, after, 1)))

    assert read.problem is None
    assert any(each.startswith(expected) for each in errors(read)), errors(read)


def test_nesting_without_end_is_an_error(tmp_path: Path) -> None:
    read = read_changed(tmp_path, with_problem("name: " + "[" * 20_000))

    assert any("This is not YAML" in each for each in errors(read))


def test_numbers_are_read_as_written(tmp_path: Path) -> None:
    text = PROBLEM.replace("time_limit: 2", "time_limit: 3e-1\n  time_resolution: 0.1")
    settings = "output_validator_args: [float_tolerance, 1e-6]\nargs: [on, 010]\n"
    read = read_changed(tmp_path, with_problem(text) | {"data/secret/1.yaml": settings})

    assert read.problem
    assert read.problem.limits.time_limit == 0.3
    assert read.problem.cases[1].output_validator_args == ("float_tolerance", "1e-6")
    assert read.problem.cases[1].args == ("on", "010")


def test_what_changes_nothing_is_said(tmp_path: Path) -> None:
    text = f"{PROBLEM}  code: 64\ncredits: A\nlicense: cc by\nembargo_until: 2026-01-01\n"
    files: dict[str, str | bytes | None] = {
        "statement/problem.en.md": "Add.\n",
        "data/sample/1.png": b"\x89",
        "data/secret/test_group.yaml": "input_visualizer_args: [a]\n",
        "submissions/accepted/right.cpp": "int main() {}\n",
        "include/cpp/a.h": "\n",
        ".git/config": b"\xff",
        "README.md": "A.\n",
    }
    read = read_changed(tmp_path, with_problem(text) | files)

    assert [each.partition(" ignored")[0] for each in ignored(read)] == [
        "statement: It is",
        "problem.yaml:9: code is",
        "problem.yaml:10: credits, license are",
        "problem.yaml:12: embargo_until is",
        "data/secret/test_group.yaml:1: input_visualizer_args is",
        "data/sample/1.png: 1 file of data, for statements,",
        "include/cpp: It is",
        "submissions/accepted/right.cpp: It is",
    ]
    assert (read.problem is not None, warnings(read)) == (True, [])


@pytest.mark.parametrize("name", ["output_validators", "static_validator"])
def test_a_validator_is_not_passed_over(name: str, tmp_path: Path) -> None:
    read = read_changed(tmp_path, {f"{name}/validate.py": "\n"})

    assert errors(read) == [f"{name}: It is not supported: output_validator is."]


@pytest.mark.parametrize("folder", ["output_validator", "output_validator/validate"])
def test_an_output_validator_knows_its_own_arguments(folder: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        f"{folder}/__main__.py": "k = {{k}}\n",
        f"{folder}/more.py": "\n",
        "data/secret/1.yaml": "output_validator_args: [bananas]\n",
        "data/secret/2.ans": "a  b\n",
    }
    read = read_changed(tmp_path, with_problem(f"{PROBLEM}constants: {{k: 1}}\n") | files)

    assert read.findings == ()
    assert read.problem
    assert read.problem.output_validator == (File("__main__.py", "k = 1\n"), File("more.py", "\n"))
    assert read.problem.cases[1].output_validator_args == ("bananas",)


@pytest.mark.parametrize("name", ["run", "a.cpp"])
def test_an_output_validator_in_another_language_is_an_error(name: str, tmp_path: Path) -> None:
    read = read_changed(tmp_path, {f"output_validator/{name}": "\n"})

    assert [each[:44] for each in errors(read)] == ["output_validator: It must have one file in P"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("data/secret/1.ans", b"\xff\n", "data/secret/1.ans:1: It is not in UTF-8"),
        ("data/secret/1.in", b"1\n2\n\xe4\n", "data/secret/1.in:3: It is not in UTF-8"),
        ("problem.yaml", b"\xef\xbb\xbf" + PROBLEM.encode(), "problem.yaml:1: It begins with"),
        ("data/secret/3.ans", "1\n", "data/secret/3.ans: It belongs to no case"),
        ("data/secret/3.in", "1\n", "data/secret/3.in: It has no answer: add 3.ans."),
        ("data/secret/1.files/a", "1\n", "data/secret/1.files/a: Files for a program"),
        ("data/secret/test_group.in", "1\n", "data/secret/test_group.in: A case can't have this"),
        ("data/secret/1/a.in", "1\n", "data/secret/1.in: A folder beside it has its name"),
        ("data/secret/1.yaml", "hnit: A\n", "data/secret/1.yaml:1: The unknown key 'hnit'"),
        ("data/secret/1.yaml", "\nargs: 1\n", "data/secret/1.yaml:2: args must be a list of texts"),
        (
            "data/secret/1.yaml",
            "output_validator_args: [float_tolerance]\n",
            "data/secret/1.yaml:1: output_validator_args can't be used: float_tolerance needs",
        ),
        ("data/sample/test_group.yaml", "max_score: 1\n", "data/sample/test_group.yaml:1: max_"),
        ("data/sample/a/test_group.yaml", "\n", "data/sample/a/test_group.yaml: Only data/sample"),
        (
            "data/secret/test_group.yaml",
            "max_score: unbounded\n",
            "data/secret/test_group.yaml:1: max_score can't be unbounded here",
        ),
        ("data/secret/test_group.yaml", "max_score: -1\n", "data/secret/test_group.yaml:1: max_"),
        (
            "data/secret/test_group.yaml",
            "require_pass: secret\n",
            "data/secret/test_group.yaml:1: require_pass can name sample",
        ),
        (
            "data/secret/test_group.yaml",
            "static_validation_score: 1\n",
            "data/secret/test_group.yaml:1: static_validation_score must not be here",
        ),
        ("include/python3/a/b.py", "\n", "include/python3/a/b.py: Programs can't import from"),
    ],
)
def test_a_mistake_in_another_file_is_an_error(
    name: str, content: str | bytes, expected: str, tmp_path: Path
) -> None:
    read = read_changed(tmp_path, {name: content})

    assert read.problem is None
    assert any(each.startswith(expected) for each in errors(read)), errors(read)


def test_a_folder_without_hidden_cases_is_an_error(tmp_path: Path) -> None:
    files = {name: None for name in FILES if name.startswith("data/secret")}

    assert errors(read_changed(tmp_path, {**files})) == [
        "data/secret: It has no case: add a .in and an .ans."
    ]


def test_links_stay_in_the_folder(tmp_path: Path) -> None:
    folder = write_problem_folder(tmp_path / "a", {"data/secret/2.in": None})
    (tmp_path / "outside").write_text("5 6\n")
    (folder / "data/secret/2.in").symlink_to("1.in")
    inside = read_problem_folder(folder)
    (folder / "data/secret/3.in").symlink_to(tmp_path / "outside")
    (folder / "data/secret/b").symlink_to("../sample")
    (folder / "generators").mkdir()
    (folder / "generators/a").symlink_to(tmp_path / "outside")
    outside = read_problem_folder(folder)

    assert inside.problem
    assert inside.problem.cases[2].stdin == "3 4\n"
    assert sorted(errors(outside)) == [
        "data/secret/3.in: This link leads out of the folder, or nowhere: copy the file instead.",
        "data/secret/b: This link leads to a folder: copy the folder instead.",
    ]


@pytest.mark.parametrize("name", ["problem.yaml", "data", "submissions"])
def test_what_is_read_is_in_the_folder_itself(name: str, tmp_path: Path) -> None:
    folder = write_problem_folder(tmp_path / "a")
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)

    assert f"{name}: This link leads out of the folder, or nowhere: copy the file instead." in (
        errors(read_problem_folder(folder))
    )


def test_names_that_the_format_forbids_are_left_out(tmp_path: Path) -> None:
    read = read_changed(
        tmp_path, {"data/secret/1 (copy).in": "1\n", "data/secret/.1.in": "1\n", "-a/b.txt": "\n"}
    )

    assert read.problem
    assert len(read.problem.cases) == 3
    assert [each.partition(": ")[0] for each in warnings(read)] == ["data/secret/1 (copy).in"]


def test_groups(tmp_path: Path) -> None:
    secret = "score_aggregation: min\nmax_score: 30\nrequire_pass: sample\n"
    hard = "max_score: 70\nscore_aggregation: sum\nrequire_pass: [secret/easy, sample]\n"
    files: dict[str, str | bytes | None] = {
        "data/secret/test_group.yaml": secret,
        "data/secret/hard/test_group.yaml": hard,
    }
    read = read_changed(tmp_path, GROUPS | files)

    assert read.findings == ()
    assert read.problem
    assert read.problem.groups == (
        Group("secret", 30, Aggregation.MIN, ("sample",)),
        Group("secret/easy", 30, Aggregation.PASS_FAIL, ()),
        Group("secret/hard", 70, Aggregation.SUM, ("secret/easy", "sample")),
    )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "data/secret/hard/test_group.yaml",
            "max_score: 71\n",
            "data/secret/test_group.yaml: The groups give up to 101 points, and",
        ),
        ("data/secret/3.in", "1\n", "data/secret/3.in: It is in no group"),
        ("data/secret/more/1.in", "1\n", "data/secret/more: It needs a test_group.yaml"),
        ("data/secret/more/test_group.yaml", "max_score: 0\n", "data/secret/more: It has no case"),
        ("data/secret/easy/test_group.yaml", "\n", "data/secret/easy/test_group.yaml:1: max_score"),
        ("data/secret/easy/a/test_group.yaml", "\n", "data/secret/easy/a/test_group.yaml: Only"),
        (
            "data/secret/easy/test_group.yaml",
            "max_score: 30\nrequire_pass: secret/hard\n",
            "data/secret/easy/test_group.yaml:2: require_pass can name sample",
        ),
        (
            "data/secret/test_group.yaml",
            "score_aggregation: pass-fail\n",
            "data/secret/hard/test_group.yaml:2: score_aggregation must be pass-fail",
        ),
    ],
)
def test_a_mistake_in_groups_is_an_error(
    name: str, content: str, expected: str, tmp_path: Path
) -> None:
    read = read_changed(tmp_path, GROUPS | {name: content})

    assert read.problem is None
    assert any(each.startswith(expected) for each in errors(read)), errors(read)


def test_points_that_nobody_can_reach_are_a_warning(tmp_path: Path) -> None:
    read = read_changed(tmp_path, GROUPS | {"data/secret/easy/test_group.yaml": "max_score: 20\n"})

    assert read.problem
    assert warnings(read) == [
        (
            "data/secret/test_group.yaml: The groups give up to 90 points, and data/secret has "
            "max_score 100: nobody can reach that."
        )
    ]


def test_pass_fail_has_no_points(tmp_path: Path) -> None:
    read = read_changed(tmp_path, with_problem(PASS_FAIL) | GROUPS)

    assert [each.partition(": ")[0] for each in errors(read)] == [
        "data/secret/easy/test_group.yaml:1",
        "data/secret/hard/test_group.yaml:1",
        "data/secret/hard/test_group.yaml:2",
    ]


def test_cases_inherit_from_their_group_and_from_no_other(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "data/sample/1.yaml": "hint: Look.\n",
        "data/secret/test_group.yaml": "args: [secret]\n",
        "data/secret/easy/test_group.yaml": "max_score: 30\nargs: [easy]\nfull_feedback: true\n",
        "data/secret/easy/2.in": "\n",
        "data/secret/easy/2.ans": "0\n",
        "data/secret/easy/2.yaml": "args: []\nfull_feedback: false\ndescription: empty\n",
        "data/secret/easy/more/3.in": "5\n",
        "data/secret/easy/more/3.ans": "5\n",
    }
    read = read_changed(tmp_path, GROUPS | files)

    assert read.problem
    assert [(case.name, case.args, case.full_feedback) for case in read.problem.cases] == [
        ("sample/1", (), True),
        ("secret/easy/1", ("easy",), True),
        ("secret/easy/2", (), False),
        ("secret/easy/more/3", ("easy",), True),
        ("secret/hard/1", (), False),
    ]
    assert (read.problem.cases[0].hint, read.problem.cases[2].description) == ("Look.", "empty")
    assert warnings(read) == [
        (
            "data/secret/test_group.yaml: These settings are for cases in no group: groups do not "
            "inherit them."
        )
    ]


def test_included_files_and_constants(tmp_path: Path) -> None:
    text = f"{PROBLEM}constants:\n  k: 1e3\n  n:\n    value: 7\n    tex: seven\n"
    files: dict[str, str | bytes | None] = {
        "include/default/a.txt": "for all\n",
        "include/default/b.txt": "hidden by the other\n",
        "include/python3/b.txt": "{{k}} {{n}} {{n.tex}} {{n.value}} {{unknown}}\n",
        "include/python3/a/b.txt": "below\n",
        "data/secret/test_group.yaml": "args: ['{{n}}']\n",
        "data/secret/1.in": "{{n}}\n",
        "submissions/accepted/right.py": "print({{n}})\n",
    }
    read = read_changed(tmp_path, with_problem(text) | files)

    assert read.findings == ()
    assert read.problem
    assert read.problem.include == (
        File("a/b.txt", "below\n"),
        File("a.txt", "for all\n"),
        File("b.txt", "1e3 7 seven 7 {{unknown}}\n"),
    )
    assert (read.problem.cases[1].stdin, read.problem.cases[1].args) == ("{{n}}\n", ("7",))
    assert read.examples[0].program == b"print(7)\n"


def test_a_name_in_several_languages(tmp_path: Path) -> None:
    text = PROBLEM.replace("name: Sums", "name: {sv: Summor, en: Totals}")
    read = read_changed(tmp_path, with_problem(text))

    assert read.problem
    assert read.problem.name == "Totals"


def test_an_earlier_formats_files_are_not_passed_over(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "data/sample/testdata.yaml": "# nothing\n",
        "data/secret/testdata.yaml": "grading: custom\n",
        "input_format_validators/a.py": "\n",
    }
    read = read_changed(tmp_path, with_problem(f"{PROBLEM}source_url: https://a\n") | files)

    assert read.problem
    assert [each.partition(": ")[0] for each in warnings(read)] == [
        "input_format_validators",
        "data/secret/testdata.yaml",
    ]
    assert [each.partition(": ")[0] for each in ignored(read)] == ["problem.yaml:9"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"data/secret/1.ans": "7"}, "data/secret/1.ans:1: The last line has no end"),
        ({"data/secret/1.in": "3\n4\r\n"}, "data/secret/1.in:2: Lines end as on Windows"),
        ({"data/secret/1.in": "1 2\n"}, "data/secret/1.in: It is the same as sample/1"),
        (
            {"data/secret/1.in": "1 2\n", "data/secret/2.in": "1 2\n"},
            "data/secret/1.in: It is the same as sample/1, and 1 more cases are such,",
        ),
        ({"data/secret/1.ans": "a\n  b\n"}, "data/secret/1.ans:2: Spaces look as if they"),
        ({"data/secret/1.ans": "a\nb  c\n"}, "data/secret/1.ans:2: Spaces look as if they"),
        (
            {"problem.yaml": PROBLEM.replace("time_limit: 2", "time_limit: 37")},
            ": 3 cases of 37 s each can take 111 s, but the grader has 110 s",
        ),
        ({"submissions/accepted/right.py": None}, ": No program in Python is in submissions/acc"),
    ],
)
def test_doubts(files: dict[str, str | bytes | None], expected: str, tmp_path: Path) -> None:
    read = read_changed(tmp_path, files)

    assert read.problem
    assert len(warnings(read)) == 1
    assert warnings(read)[0].startswith(expected)


@pytest.mark.parametrize(
    "files",
    [
        {"data/secret/1.in": "1 2\n", "data/secret/1.yaml": "args: [a]\n"},
        {"data/secret/1.in": "1 2\n", "data/secret/1.yaml": "full_feedback: true\n"},
        {
            "data/secret/1.ans": "a  b\n",
            "data/secret/1.yaml": "output_validator_args: [space_change_sensitive]\n",
        },
        {"data/secret/1.ans": "a b \n\n"},
        {"data/secret/1.ans": ""},
        {"problem.yaml": PROBLEM.replace("time_limit: 2", "time_limit: 36")},
    ],
)
def test_no_doubts(files: dict[str, str | bytes | None], tmp_path: Path) -> None:
    assert read_changed(tmp_path, files).findings == ()


def test_the_time_of_all_cases_is_what_a_stack_has_by_default() -> None:
    root = Path(__file__).resolve().parents[4]
    timeout = re.search(
        r"timeout_seconds +=.*?([0-9]+)\)",
        (root / "terraform/variables.tf").read_text(encoding="utf-8"),
    )
    reserved = re.search(
        r"_RESERVED_SECONDS = ([0-9]+)",
        (root / "lambda/submission_grader/handler.py").read_text(encoding="utf-8"),
    )
    assert timeout
    assert reserved

    assert int(timeout[1]) - int(reserved[1]) == GRADER_SECONDS


def test_too_many_cases_are_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {}
    for number in range(500):
        files |= {f"data/secret/x{number}.in": "1\n", f"data/secret/x{number}.ans": "1\n"}
    text = PROBLEM.replace("time_limit: 2", "time_limit: 0.1\n  time_resolution: 0.1")
    read = read_changed(tmp_path, files | with_problem(text))

    assert errors(read) == [
        "problem.yaml: The problem can't be used: it has 503 cases; 500 are allowed."
    ]
