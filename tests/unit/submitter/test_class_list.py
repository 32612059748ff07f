"""A class's list: read as a whole, refused as a whole."""

from pathlib import Path

import pytest

from submitter.class_list import read_candidate, read_class
from submitter.errors import ExitCode, SubmitterError

HEADER = "file,admin,event,problem,tokens\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_bytes(b"print(1)\n")
    (tmp_path / "two.py").write_bytes(b"print(2)\n")
    return tmp_path


def _list(folder: Path, text: str) -> Path:
    path = folder / "submissions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_folder_and_its_list_are_the_same_class(folder: Path) -> None:
    path = _list(folder, f"{HEADER}one.py,a,e,p,t1 t2\ntwo.py,a,e,p,t3\n")

    candidates = read_class(path)

    assert read_class(folder) == candidates
    assert [each.file.name for each in candidates] == ["one.py", "two.py"]
    assert candidates[0].submission.tokens == ("t1", "t2")
    assert candidates[1].read_code() == b"print(2)\n"


def test_spreadsheets_byte_order_mark_and_order_of_columns_do_not_matter(folder: Path) -> None:
    path = _list(folder, "\ufefftokens,problem,event,admin,file\nt1,p,e,a,one.py\n")

    [candidate] = read_class(path)

    assert candidate.submission.admin == "a"


def test_everything_that_is_wrong_is_named_at_once(folder: Path) -> None:
    (folder / "empty.py").touch()
    rows = [
        "missing.py,a,e,p,t1",
        "empty.py,a,e,p,t2",
        "notes.txt,a,e,p,t3",
        "one.py,a/b,e,p,t4",
        "one.py,a,e,p,",
        "one.py,a,e",
        "one.py,a,e,p,t5,more",
        "one.py,a,e,p,t6 t7",
        "two.py,a,e,p,t7 t6",
    ]
    path = _list(folder, HEADER + "\n".join(rows))

    with pytest.raises(SubmitterError) as refused:
        read_class(path)

    text = str(refused.value)
    assert refused.value.exit_code is ExitCode.USAGE
    assert "Nothing was uploaded" in text
    for line, fault in {
        2: "can't be read",
        3: "is empty",
        4: "is no .py file",
        5: "The admin has a slash",
        6: "There is no token",
        7: "has not 5 fields",
        8: "has not 5 fields",
        10: "as line 9",
    }.items():
        [said] = [each for each in text.splitlines() if each.startswith(f"  line {line}:")]
        assert fault in said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has to name the columns"),
        ("file,admin\n", "has to name the columns"),
        (HEADER, "lists no submission"),
        (f'{HEADER}one.py,a,e,p,"t1', "is no CSV"),
    ],
)
def test_list_that_is_none_is_refused(folder: Path, text: str, fault: str) -> None:
    with pytest.raises(SubmitterError, match=fault):
        read_class(_list(folder, text))


def test_list_that_is_not_in_utf_8_is_refused(folder: Path) -> None:
    path = folder / "submissions.csv"
    path.write_bytes(HEADER.encode() + b"one.py,a,e,\xff,t1\n")

    with pytest.raises(SubmitterError, match="not in UTF-8"):
        read_class(path)


def test_folder_without_a_list_says_what_belongs_in_it(folder: Path) -> None:
    with pytest.raises(SubmitterError, match=r"has no submissions\.csv.*file, admin"):
        read_class(folder)


def test_folder_called_like_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()

    with pytest.raises(SubmitterError, match="can't be read"):
        read_candidate(tmp_path / "folder.py", "a", "e", "p", ["t1"])


def test_file_that_changes_after_the_check_is_not_uploaded(folder: Path) -> None:
    candidate = read_candidate(folder / "one.py", "a", "e", "p", ["t1"])
    (folder / "one.py").write_bytes(b"print('other')\n")

    with pytest.raises(SubmitterError, match="changed while"):
        candidate.read_code()
