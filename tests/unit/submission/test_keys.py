"""The key grammar: which keys are submissions, and why the others are ignored."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.keys import (
    EVENTS,
    MAX_KEY_BYTES,
    RESULTS,
    SUBMISSIONS,
    IgnoredKey,
    SubmissionKey,
    event_key,
    folder_of,
    is_code_key,
    is_result_key,
    parse_key,
    problem_key,
    result_place,
    submission_place,
)
from unit.submission_intake.examples import OBJECT_KEY, SUBID, key_of
from unit.submission_intake.strategies import ANY_TEXT, SAFE_NAMES, SUBIDS

FOLDER = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}"


IGNORED: dict[IgnoredKey, list[str]] = {
    IgnoredKey.NOT_UNDER_SUBMISSIONS: [
        "",
        "/",
        f"/{OBJECT_KEY}",
        f"output/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}.json",
        OBJECT_KEY.replace("submissions", "Submissions"),
        OBJECT_KEY.replace("submissions", "submissions2"),
        OBJECT_KEY.replace("submissions", "old-submissions"),
        OBJECT_KEY.replace("/", "%2F"),
    ],
    IgnoredKey.WRONG_DEPTH: [
        "submissions/",
        f"submissions/{SUBID}.json",
        f"submissions/aws_labs/lab5_containers/{SUBID}/{SUBID}.json",
        f"{FOLDER}/results/{SUBID}.json",
        f"{OBJECT_KEY}/",
        OBJECT_KEY.replace("/m.soltys", "//m.soltys"),
        OBJECT_KEY.replace("/aws_labs/", "%2Faws_labs/"),
    ],
    IgnoredKey.NOT_JSON: [
        *(f"{FOLDER}/", f"{FOLDER}/{SUBID}", f"{FOLDER}/{SUBID}.py", f"{FOLDER}/{SUBID}.JSON"),
        *(f"{FOLDER}/{SUBID}.json ", f"{FOLDER}/{SUBID}.json\n", f"{FOLDER}/{SUBID}.jsonl"),
        *(f"{FOLDER}/{SUBID}.json.py", f"{FOLDER}/{SUBID}json", f"{FOLDER}/json"),
    ],
    IgnoredKey.SUBID_NOT_A_DIGEST: [
        f"{FOLDER}/.json",
        key_of(subid=SUBID.upper()),
        key_of(subid=SUBID[:-1]),
        key_of(subid=SUBID + "0"),
        key_of(subid=SUBID[:-1] + "g"),
        key_of(subid=SUBID[:-1] + "."),
        key_of(subid=SUBID + "\n"),
        key_of(subid=" " + SUBID),
        key_of(subid="\N{ARABIC-INDIC DIGIT ONE}" * 32),
        key_of(subid="\N{FULLWIDTH LATIN SMALL LETTER A}" * 32),
        f"{FOLDER}/{SUBID}.py.json",
        f"{FOLDER}/submission.json",
    ],
    IgnoredKey.SUBID_DIFFERS_FROM_FOLDER: [
        f"{FOLDER}/{'0' * 32}.json",
        f"{FOLDER.upper().replace('SUBMISSIONS', 'submissions')}/{SUBID}.json",
        f"submissions/m.soltys/aws_labs/lab5_containers//{SUBID}.json",
        f"{FOLDER}0/{SUBID}.json",
    ],
    IgnoredKey.UNSAFE_NAME: [
        key_of(**{part: name})
        for part in ("admin", "event", "problem")
        for name in (
            *("", ".", "..", "\n", "a\n", "\nb"),
            *(f"a{control}b" for control in "\0\t\n\r\x1f\x7f\x80\x85\x9f"),
            *("\\", "back\\slash", "..\\..\\etc", "C:\\", "\\\\server\\share"),
            *(f"a{refused_by_sqs}b" for refused_by_sqs in "\ud800\udcff\udfff\ufffe\uffff"),
        )
    ],
    IgnoredKey.TOO_LONG: [
        key_of(admin="a" * MAX_KEY_BYTES),
        key_of(problem="\N{PILE OF POO}" * (MAX_KEY_BYTES // 4)),
    ],
}

NAMES = [
    *("aws labs", " ", " padded ", "c++", "100%", "%2F", "%2e%2e", "...", ".hidden", "a..b"),
    *("a.json", "submissions", "Zoë Łukaszewicz", "ex\N{COMBINING ACUTE ACCENT}ercice", "ülkü"),
    *("課題", "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}", "\N{NO-BREAK SPACE}"),
    *("\ud7ff\ue000\ufffd\U00010000\U0010ffff", '{"outcome": "announced"}'),
    "(a) [b] <c> 'd' \"e\" * ? | : ; & = @ $ , ! # ~",
]


def test_documented_example_is_a_submission() -> None:
    assert parse_key(OBJECT_KEY) == SubmissionKey(
        admin="m.soltys", event="aws_labs", problem="lab5_containers", subid=SUBID
    )


def test_key_gives_the_keys_of_its_objects() -> None:
    key = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", SUBID)
    assert key.file_name == "fc55c0190dde2bc413d8d1e79fb8cca2.json"
    assert key.folder == f"{FOLDER}/"
    assert key.data_key == OBJECT_KEY
    assert key.code_key == f"{FOLDER}/{SUBID}.py"
    assert key.result_key == f"output/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}.json"
    assert key.staff_result_key == f"output/m.soltys/aws_labs/lab5_containers/{SUBID}/staff.json"


def test_prefixes_are_the_documented_ones() -> None:
    assert (SUBMISSIONS, RESULTS, EVENTS) == ("submissions/", "output/", "events/")


@given(SAFE_NAMES, SAFE_NAMES, SAFE_NAMES, SUBIDS)
def test_event_and_problem_have_keys_under_events(
    admin: str, event: str, problem: str, subid: str
) -> None:
    keys = {event_key(admin, event), problem_key(admin, event, problem)}
    assert keys == {f"events/{admin}/{event}.json", f"events/{admin}/{event}/{problem}.json"}
    assert len(keys) == 2
    for key in keys:
        assert parse_key(key) is IgnoredKey.NOT_UNDER_SUBMISSIONS
        assert len(key.encode()) < len(
            SubmissionKey(admin, event, problem, subid).data_key.encode()
        )


@given(SAFE_NAMES, SAFE_NAMES, SAFE_NAMES, SUBIDS)
def test_each_key_of_a_submission_has_one_kind(
    admin: str, event: str, problem: str, subid: str
) -> None:
    key = SubmissionKey(admin, event, problem, subid)
    every = (key.data_key, key.code_key, key.staff_result_key, key.result_key)
    assert [parse_key(each) == key for each in every] == [True, False, False, False]
    assert [is_code_key(each) for each in every] == [False, True, False, False]
    assert [is_result_key(each) for each in every] == [False, False, False, True]
    assert submission_place(key.result_key) == key.data_key
    assert folder_of(key.data_key) == folder_of(key.code_key) == key.folder
    assert len(key.staff_result_key) < len(key.result_key) < len(key.data_key)


@pytest.mark.parametrize(
    "key", [key for keys in IGNORED.values() for key in keys if key.endswith(".json")]
)
def test_ignored_json_has_neither_code_nor_result(key: str) -> None:
    assert not is_code_key(f"{key.removesuffix('.json')}.py")
    assert not is_result_key(result_place(key))


@pytest.mark.parametrize(
    ("key", "folder"),
    [
        (f"{FOLDER}/a/b.txt", f"{FOLDER}/"),
        (f"{FOLDER}/", f"{FOLDER}/"),
        (FOLDER, FOLDER),
        ("submissions/a.json", "submissions/a.json"),
    ],
)
def test_folder_of_a_key_has_the_right_depth(key: str, folder: str) -> None:
    assert folder_of(key) == folder


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["admin", "event", "problem"])
def test_usual_names_are_accepted(part: str, name: str) -> None:
    key = parse_key(key_of(**{part: name}))
    assert isinstance(key, SubmissionKey)
    assert getattr(key, part) == name
    assert key.data_key == key_of(**{part: name})


@pytest.mark.parametrize(
    ("reason", "key"), [(reason, key) for reason, keys in IGNORED.items() for key in keys]
)
def test_invalid_key_is_ignored_with_its_reason(reason: IgnoredKey, key: str) -> None:
    assert parse_key(key) is reason


def test_every_reason_to_ignore_a_key_is_tested() -> None:
    assert {reason for reason, keys in IGNORED.items() if keys} == set(IgnoredKey)


def test_first_of_several_reasons_is_given() -> None:
    long_and_unsafe = "\n" * MAX_KEY_BYTES
    digest = "0" * 32
    assert [
        parse_key(key)
        for key in (
            f"output/{long_and_unsafe}",
            f"submissions/{long_and_unsafe}",
            f"submissions/{long_and_unsafe}/b/c/d/e.py",
            f"submissions/{long_and_unsafe}/b/c/d/e.json",
            f"submissions/{long_and_unsafe}/b/c/d/{digest}.json",
            f"submissions/{long_and_unsafe}/b/c/{digest}/{digest}.json",
            f"submissions/{'a' * MAX_KEY_BYTES}/b/c/{digest}/{digest}.json",
        )
    ] == [
        IgnoredKey.NOT_UNDER_SUBMISSIONS,
        IgnoredKey.WRONG_DEPTH,
        IgnoredKey.NOT_JSON,
        IgnoredKey.SUBID_NOT_A_DIGEST,
        IgnoredKey.SUBID_DIFFERS_FROM_FOLDER,
        IgnoredKey.UNSAFE_NAME,
        IgnoredKey.TOO_LONG,
    ]


@given(
    st.lists(
        st.sampled_from(["submissions", SUBID, f"{SUBID}.json", "", "..", "a", "\0", "\ud800"])
        | ANY_TEXT.map(lambda text: text[:5]),
        min_size=4,
        max_size=8,
    ).map("/".join)
    | st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT).map(lambda names: key_of(*names))
    | st.tuples(st.sampled_from(range(len(OBJECT_KEY))), st.sampled_from(string.printable)).map(
        lambda change: OBJECT_KEY[: change[0]] + change[1] + OBJECT_KEY[change[0] + 1 :]
    )
)
def test_accepted_keys_match_the_grammar(key: str) -> None:
    shape = r"submissions/[^/]+/[^/]+/[^/]+/([0-9a-f]{32})/\1\.json"
    parsed = parse_key(key)
    if isinstance(parsed, SubmissionKey):
        assert re.fullmatch(shape, key)
        assert parsed.data_key == key
        assert not {".", ".."} & set(key.split("/"))
        assert len(key.encode()) <= 1024
    else:
        assert (
            not re.fullmatch(shape, key)
            or {".", ".."} & set(key.split("/"))
            or not key.isprintable()
            or "\\" in key
            or len(key.encode()) > 1024
        )
