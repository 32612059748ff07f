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

    with pytest.raises(SubmitterError, match="not in UTF-8, on line 2"):
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


def test_thousand_rows_are_read_with_line_ends_of_windows_and_quotes(tmp_path: Path) -> None:
    rows = []
    for number in range(1000):
        (tmp_path / f"{number}.py").write_text(f"print({number})\n")
        rows.append(f'{number}.py,a,e,"lab ""5"", part {number}","t{number} u{number}"')
    path = tmp_path / "submissions.csv"
    path.write_bytes(f"\ufeff{HEADER.strip()}\r\n{'\r\n'.join(rows)}\r\n".encode())

    candidates = read_class(path)

    assert [each.file.name for each in candidates] == [f"{number}.py" for number in range(1000)]
    assert candidates[999].submission.problem == 'lab "5", part 999'
    assert candidates[999].submission.tokens == ("t999", "u999")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("../outside.py,a,e,p,t1", "line 3: ../outside.py does not lie in the list's folder"),
        ("/etc/passwd.py,a,e,p,t1", "line 3: /etc/passwd.py does not lie in the list's folder"),
        ("link.py,a,e,p,t1", "line 3: link.py does not lie in the list's folder"),
        ("n\0.py,a,e,p,t1", "line 3: The file's name has a null character"),
        (f"{'x' * 5000}.py,a,e,p,t1", "line 3: .* can't be read: File name too long"),
        ("two.py,a\0,e,p,t1", "line 3: The admin .*control character"),
        ("two.py,a,e,p,t1\0", "line 3: Token 1 has .*control character"),
        ("one.py,a,e,p,t0", "line 3: the same students, admin, event and problem as line 2"),
        (f"two.py,a,e,p,{'t' * 200_000}", "field larger than field limit.*on line 3"),
        ('two.py,a,e,p,"t1"x', "expected after.*on line 3"),
    ],
)
def test_hostile_row_is_refused_with_its_line(folder: Path, row: str, fault: str) -> None:
    inner = folder / "class"
    inner.mkdir()
    for name in ("one.py", "two.py"):
        (inner / name).write_text("print(1)\n")
    (folder / "outside.py").write_text("print('mine')\n")
    (inner / "link.py").symlink_to(folder / "outside.py")

    with pytest.raises(SubmitterError, match=fault) as refused:
        read_class(_list(inner, f"{HEADER}one.py,a,e,p,t0\n{row}\n"))

    assert refused.value.exit_code is ExitCode.USAGE


def test_files_may_lie_in_folders_of_the_class(folder: Path) -> None:
    (folder / "group").mkdir()
    (folder / "group" / "lab.py").write_text("print(1)\n")

    [candidate] = read_class(_list(folder, f"{HEADER}group/lab.py,a,e,p,t1\n"))

    assert candidate.read_code() == b"print(1)\n"
