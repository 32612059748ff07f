"""A roster is read as spreadsheets write it, and its faults are named by their lines."""

import codecs
from pathlib import Path

import pytest

from submitter.errors import UsageError
from submitter.grades.roster import Student, read_roster

ANNA = Student("Ash, Anna", "101", "s101", "anna@example.org", "A")
CSV = (
    "token,student,id,sis_user_id,sis_login_id,section\n"
    't1,"Ash, Anna",101,s101,anna@example.org,A\n'
    "t2,Ben,102,s102,ben@example.org,\n"
)


def _faults(path: Path, content: bytes, *, for_canvas: bool = False) -> tuple[str, ...]:
    path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        read_roster(path, for_canvas=for_canvas)
    return tuple(line.strip() for line in raised.value.lines)


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        codecs.BOM_UTF8 + CSV.encode(),
        CSV.replace("\n", "\r\n").encode(),
        CSV.encode("utf-16"),
        f"\n{CSV}\n,,,,,\n".encode(),
        CSV.replace("sis_", "SIS ").replace("_id", " ID").replace("student", "Name").encode(),
        CSV.replace('"Ash, Anna"', "Ash* Anna").replace(",", ";").replace("*", ",").encode(),
        CSV.replace("t1", " t1 ").replace("101,", "101 ,").encode(),
    ],
    ids=["utf-8", "bom", "crlf", "utf-16", "blank", "canvas's names", "semicolons", "spaces"],
)
def test_spreadsheets_ways_of_writing_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(content)

    roster = read_roster(path, for_canvas=True)

    assert [*roster] == ["t1", "t2"]
    assert roster["t1"] == ANNA
    assert roster["t2"].section == ""


def test_token_and_name_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("name,token\nZoë,t1\n", encoding="utf-8")

    assert read_roster(path) == {"t1": Student("Zoë")}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            b"token,student\nt1,Anna\nt2,Ben\nt1,Cleo\n",
            "line 4: The token is that of line 2 again.",
        ),
        (b"token,student,id\nt1,A,7\nt2,B,7\n", "line 3: The id is that of line 2 again."),
        (b"token,student\n,Anna\n", "line 2: The token is empty."),
        (b"token,student\nt1 t2,Anna\n", "line 2: The token has white space or"),
        (b"token,student\n2.4E+09,Anna\n", "line 2: The token is a number that a spreadsheet"),
        (b"token,student\nt1,\n", "line 2: The student's name is missing"),
        (b"token,student,name\nt1,Anna,Anna\n", "line 2: It has both a student and a name"),
        (b"token,student,id\nt1,Anna,=1\n", "line 2: The id begins like a formula"),
        (b"token,student,sis_login_id\nt1,Anna,@x\n", "line 2: The sis_login_id begins like"),
        (b"token,student\nt1,Ash, Anna\n", "line 2: There is a value in a column without a name."),
        (b"token,student\nt1;Anna\n", "line 2: The token has a comma, a semicolon"),
    ],
)
def test_fault_names_its_line_and_no_token(tmp_path: Path, content: bytes, fault: str) -> None:
    first, *faults = _faults(tmp_path / "class.csv", content)

    assert first == f"The roster {tmp_path / 'class.csv'} has faults: correct them first."
    assert faults[0].startswith(fault)
    assert not any("t1" in each or "2.4E" in each for each in faults)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must name the columns token (and may name student, name, id"),
        (b"student,id\nAnna,1\n", "must name the columns token"),
        (b"token,student,grade\nt1,Anna,3\n", "and no others: remove grade."),
        (b"token,token,student\nt1,t1,Anna\n", "names token more than once"),
        (b"token,student,id,id\nt1,Anna,1,2\n", "names id more than once"),
        (b"token,student\nt1,Anna\nt2,Zo\xeb\n", "is not in UTF-8, on line 3."),
        (b'token,student\nt1,"Anna\n', "is not a CSV: unexpected end of data"),
        (b"token,student\n", "has no student: nothing follows its first line."),
    ],
)
def test_file_that_is_no_roster(tmp_path: Path, content: bytes, said: str) -> None:
    [text] = _faults(tmp_path / "class.csv", content)

    assert said in text


def test_canvas_must_find_each_student(tmp_path: Path) -> None:
    content = b"token,student,id,sis_login_id\nt1,Anna,,anna\nt2,Ben,,\n"

    _, *faults = _faults(tmp_path / "class.csv", content, for_canvas=True)

    assert faults == [
        "line 3: Canvas needs one of id, sis_user_id, sis_login_id to find the student."
    ]
    assert len(read_roster(tmp_path / "class.csv")) == 2


def test_many_faults_are_cut_off(tmp_path: Path) -> None:
    rows = b"".join(b",Anna\n" for _ in range(30))

    _, *faults = _faults(tmp_path / "class.csv", b"token,student\n" + rows)

    assert len(faults) == 21
    assert faults[-1] == "and 10 more"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: No such file"):
        read_roster(tmp_path / "class.csv")
