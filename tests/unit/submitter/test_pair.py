"""The two files of a submission are judged as one, by times in whole seconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from submitter.aws.bucket import StoredObject
from submitter.pair import Pair, Role, is_since, judge_pair, role_of, walk_folders

TIME = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/a/e/p/{SUBID}/"


@pytest.mark.parametrize(
    ("code", "data", "pair"),
    [
        (None, None, Pair.NOTHING),
        (TIME, None, Pair.CODE_ONLY),
        (None, TIME, Pair.DATA_ONLY),
        (TIME, TIME, Pair.COMPLETE),
        (TIME, TIME + SECOND, Pair.COMPLETE),
        (TIME + SECOND, TIME, Pair.CODE_NEWER),
        (TIME + 0.9 * SECOND, TIME, Pair.COMPLETE),
        (TIME + SECOND, TIME + 0.9 * SECOND, Pair.CODE_NEWER),
        ((TIME + SECOND).astimezone(timezone(timedelta(hours=9))), TIME, Pair.CODE_NEWER),
    ],
)
def test_pair_is_judged_by_whole_seconds(
    code: datetime | None, data: datetime | None, pair: Pair
) -> None:
    assert judge_pair(code, data) is pair


@pytest.mark.parametrize(
    ("moment", "is_known"), [(None, False), (TIME + 0.999 * SECOND, False), (TIME + SECOND, True)]
)
def test_time_in_the_second_of_an_upload_is_not_after_it(
    moment: datetime | None, *, is_known: bool
) -> None:
    assert is_since(TIME, moment) is is_known
    assert is_since(TIME + 0.5 * SECOND, moment) is is_known


@pytest.mark.parametrize(
    ("key", "role"),
    [
        (f"{FOLDER}{SUBID}.json", Role.DATA),
        (f"{FOLDER}{SUBID}.py", Role.CODE),
        (f"{FOLDER}{SUBID}.JSON", Role.LIKE_DATA),
        (f"{FOLDER}{SUBID.upper()}.json", Role.LIKE_DATA),
        (f"{FOLDER}{SUBID}.json.txt", Role.LIKE_DATA),
        (f"{FOLDER}{SUBID}.json\N{NO-BREAK SPACE}", Role.LIKE_DATA),
        (f"{FOLDER}{SUBID} - Copy.json", Role.LIKE_DATA),
        (f"{FOLDER}{SUBID}.PY", Role.LIKE_CODE),
        (f"{FOLDER}{SUBID}.py.txt", Role.LIKE_CODE),
        (f"{FOLDER}{SUBID}.pyc", Role.OTHER),
        (f"{FOLDER}{SUBID}.jsonl", Role.OTHER),
        (f"{FOLDER}notes.json", Role.OTHER),
        (f"{FOLDER}deep/{SUBID}.JSON", Role.OTHER),
        (f"submissions/a/e/p/lab/{SUBID}.JSON", Role.OTHER),
        (f"output/a/e/p/{SUBID}/{SUBID}.JSON", Role.OTHER),
        ("", Role.OTHER),
    ],
)
def test_role_follows_from_the_key(key: str, role: Role) -> None:
    assert role_of(key) is role


def test_folder_includes_objects_between_its_files() -> None:
    names = [f"{SUBID}.json", f"{SUBID}.json.txt", f"{SUBID}.notes/deep/x", f"{SUBID}.py"]
    stored = [StoredObject(FOLDER + name, "etag", 1, TIME) for name in names]
    outside = StoredObject("submissions/x", "etag", 1, TIME)

    folder, other = walk_folders([*stored, outside])

    assert (folder.path, folder.data, folder.code) == (FOLDER, stored[0], stored[3])
    assert (folder.like_data, folder.others) == ([stored[1]], [stored[2]])
    assert (other.path, other.others) == ("submissions/x", [outside])
