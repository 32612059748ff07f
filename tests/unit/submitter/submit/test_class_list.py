"""A class's list: read as a whole, refused as a whole."""

import codecs
import re
from pathlib import Path

import pytest

from submitter.errors import ExitCode, SubmitterError
from submitter.submit.class_list import check_one, read_candidate, read_class
from submitter.submit.submission import checked_submission

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

    candidates = read_class(path).candidates

    assert read_class(folder).candidates == candidates
    assert [each.file.name for each in candidates] == ["one.py", "two.py"]
    assert candidates[0].submission.tokens == ("t1", "t2")
    assert candidates[1].read_code() == b"print(2)\n"


def test_byte_order_mark_and_column_order_do_not_matter(folder: Path) -> None:
    path = _list(folder, "\ufefftokens,problem,event,admin,file\nt1,p,e,a,one.py\n")

    [candidate] = read_class(path).candidates

    assert candidate.submission.admin == "a"


def test_all_faults_are_named_at_once(folder: Path) -> None:
    (folder / "empty.py").touch()
    rows = [
        *("missing.py,a,e,p,t1", "empty.py,a,e,p,t2", "notes.txt,a,e,p,t3", "one.py,a/b,e,p,t4"),
        *("one.py,a,e,p,", "one.py,a,e", "one.py,a,e,p,t5,more", "one.py,a,e,p,t6 t7"),
        "two.py,a,e,p,t7 t6",
    ]
    path = _list(folder, HEADER + "\n".join(rows))

    with pytest.raises(SubmitterError) as refused:
        read_class(path)

    text = str(refused.value)
    assert refused.value.exit_code is ExitCode.USAGE
    assert "Nothing was uploaded" in text
    for line, fault in {
        2: "There is no file",
        3: "is empty",
        4: "is not a .py file",
        5: "The admin has a slash",
        6: "There is no token",
        8: "a value in a column without a name",
        10: "as line 9",
    }.items():
        [said, *_] = [each for each in text.splitlines() if each.startswith(f"  line {line}:")]
        assert fault in said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must name the columns"),
        ("file,admin\n", "must name the columns"),
        (HEADER, "lists no submission"),
        (f'{HEADER}one.py,a,e,p,"t1', "is not a CSV"),
    ],
)
def test_invalid_list_is_refused(folder: Path, text: str, fault: str) -> None:
    with pytest.raises(SubmitterError, match=fault):
        read_class(_list(folder, text))


def test_list_with_invalid_utf_8_is_refused(folder: Path) -> None:
    path = folder / "submissions.csv"
    path.write_bytes(HEADER.encode() + b"one.py,a,e,\xff,t1\n")

    with pytest.raises(SubmitterError, match="not in UTF-8, on line 2"):
        read_class(path)


def test_file_that_changes_after_the_check_is_not_uploaded(folder: Path) -> None:
    candidate = read_candidate(folder / "one.py", "a", "e", "p", ["t1"])
    (folder / "one.py").write_bytes(b"print('other')\n")

    with pytest.raises(SubmitterError, match="changed while"):
        candidate.read_code()


def test_thousand_rows_with_quotes_and_crlf_are_read(tmp_path: Path) -> None:
    rows = []
    for number in range(1000):
        (tmp_path / f"{number}.py").write_text(f"print({number})\n")
        rows.append(f'{number}.py,a,e,"lab ""5"", part {number}","t{number} u{number}"')
    path = tmp_path / "submissions.csv"
    path.write_bytes(f"\ufeff{HEADER.strip()}\r\n{'\r\n'.join(rows)}\r\n".encode())

    candidates = read_class(path).candidates

    assert [each.file.name for each in candidates] == [f"{number}.py" for number in range(1000)]
    assert candidates[999].submission.problem == 'lab "5", part 999'
    assert candidates[999].submission.tokens == ("t999", "u999")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("../outside.py,a,e,p,t1", "line 3: ../outside.py is not in the list's folder"),
        ("/etc/passwd.py,a,e,p,t1", "line 3: /etc/passwd.py is not in the list's folder"),
        ("link.py,a,e,p,t1", "line 3: link.py is not in the list's folder"),
        ("n\0.py,a,e,p,t1", "line 3: The file's name has a null character"),
        (f"{'x' * 5000}.py,a,e,p,t1", "line 3: .* can't be read: File name too long"),
        ("two.py,a\0,e,p,t1", "line 3: The admin .*control character"),
        ("two.py,a,e,p,t1\0", "line 3: Token 1 has .*control character"),
        ("one.py,a,e,p,t0", "line 3: The same students, admin, event and problem as line 2"),
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


def test_files_may_be_in_subfolders(folder: Path) -> None:
    (folder / "group").mkdir()
    (folder / "group" / "lab.py").write_text("print(1)\n")

    [candidate] = read_class(_list(folder, f"{HEADER}group/lab.py,a,e,p,t1\n")).candidates

    assert candidate.read_code() == b"print(1)\n"


ROW = "one.py,a,e,p,240669d4240669d4"


def _refused(path: Path) -> str:
    with pytest.raises(SubmitterError) as refused:
        read_class(path)
    assert refused.value.exit_code is ExitCode.USAGE
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}{ROW}\n,,,,\n,,,,\n",
        f"\n,,,,\n \t\n{HEADER}\n\n{ROW}\n",
        f"{HEADER}{ROW}\n \N{NO-BREAK SPACE},\u200b,\ufeff,,\n",
        f"{HEADER.strip()},,\n{ROW},,\n,,,,,,\n",
        f"{HEADER.strip()},,\n{ROW}\n",
        f"{HEADER}{ROW},, \n",
        f" File ,ADMIN,\ufeffEvent,Problem\N{NO-BREAK SPACE},Tokens\n{ROW}\n",
        f"{HEADER}{ROW}\n".replace(",", ";"),
        f"{HEADER}{ROW}\n".replace(",", "\t"),
        f"sep=;\r\n{HEADER}{ROW}\n".replace(",", ";"),
        f'"sep=;"\r\n{HEADER}{ROW}\n'.replace(",", ";"),
        f"sep=\t\n{HEADER}{ROW}\n".replace(",", "\t"),
        f"{HEADER}{ROW}\n".replace("\n", "\r"),
        f"{HEADER}{ROW}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_list_is_read_as_spreadsheets_write_it(folder: Path, text: str, encoding: str) -> None:
    path = folder / "class.csv"
    path.write_bytes(text.encode(encoding))

    checked = read_class(path)

    [candidate] = checked.candidates
    assert candidate.submission == checked_submission("a", "e", "p", ["240669d4240669d4"])
    assert candidate.file.name == "one.py"
    assert checked.warnings == []


def test_big_endian_utf_16_with_its_mark_is_read(folder: Path) -> None:
    path = folder / "class.txt"
    text = f"{HEADER}{ROW}\n".replace(",", "\t")
    path.write_bytes(codecs.BOM_UTF16_BE + text.encode("utf-16-be"))

    assert len(read_class(path).candidates) == 1


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("file,admin,event,problem,token", "lacks tokens; it names file, admin, event, problem"),
        ("file,admin,event,problem,tokens,note", "no others: remove note"),
        ("file,admin,event,problem,tokens,Tokens", "names tokens more than once"),
        (ROW, "must name the columns file, admin, event, problem, tokens"),
    ],
)
def test_unclear_columns_are_named(folder: Path, header: str, fault: str) -> None:
    assert fault in _refused(_list(folder, f"{header}\n{ROW}\n"))


@pytest.mark.parametrize(
    "tokens",
    [
        *('"240669d4, d823640a"', '"240669d4,d823640a"', "240669d4;d823640a", "240669d4; d823640a"),
        *("240669d4|d823640a", "240669d4 | d823640a", "240669d4\N{FULLWIDTH COMMA}d823640a"),
        *("240669d4\N{IDEOGRAPHIC COMMA}d823640a", '"240669d4,\nd823640a"', "240669d4,d823640a"),
        *("240669d4 - d823640a", "240669d4 and d823640a", "240669d4 UND d823640a"),
        *("240669d4 et d823640a", "240669d4 y d823640a", "240669d4 or d823640a"),
        *("240669d4 & d823640a", "240669d4 + d823640a", "1. 240669d4 2. d823640a", "1) 240669d4"),
        *("(1) 240669d4", "#1 240669d4", "1: 240669d4", "a) 240669d4", "2.41E+09", '"2,41E+09"'),
        *("2E+31", "240669.0", "#N/A", "#REF!", "#NAME?", "#NV", "#WERT!", "Err:502", "NULL"),
        *("nan", "None", "'240669d4", '"""240669d4"""'),
        "\N{LEFT DOUBLE QUOTATION MARK}240669d4\N{RIGHT DOUBLE QUOTATION MARK}",
        *("\N{RIGHT SINGLE QUOTATION MARK}240669d4", "240669d4\u200bd823640a", "\ufeff240669d4"),
        *("240669d4\ufffd", "240669d4\x00", "", "\N{NO-BREAK SPACE}"),
    ],
)
def test_tokens_that_would_make_a_wrong_subid_are_refused(folder: Path, tokens: str) -> None:
    text = _refused(_list(folder, f"{HEADER}one.py,a,e,p,{tokens}\n"))

    assert "Nothing was uploaded" in text
    assert "\n  line 2: T" in text
    assert "240669d4" not in text


@pytest.mark.parametrize(
    "space", [" ", "  ", "\t", "\N{NO-BREAK SPACE}", "\u202f", "\u2007", "\n", "\r\n"]
)
def test_any_white_space_separates_tokens(folder: Path, space: str) -> None:
    path = _list(folder, f'{HEADER}one.py,a,e,p,"{space}t1{space}t2{space}"\n')

    [candidate] = read_class(path).candidates

    assert candidate.submission.tokens == ("t1", "t2")


@pytest.mark.parametrize(
    "name",
    [
        *(" lab", "lab ", "lab\N{NO-BREAK SPACE}", "\u200blab", "lab\ufeff"),
        *("\N{LEFT DOUBLE QUOTATION MARK}lab\N{RIGHT DOUBLE QUOTATION MARK}", '"""lab"""', "#N/A"),
        *("#REF!", "#NAME?", "1.5E+03", "1/2/2024", "lab\ufffd", ""),
    ],
)
@pytest.mark.parametrize("column", ["admin", "event", "problem"])
def test_name_that_would_make_a_wrong_subid_is_refused(
    folder: Path, name: str, column: str
) -> None:
    cells = {"file": "one.py", "admin": "a", "event": "e", "problem": "p", "tokens": "t"}
    text = _refused(_list(folder, HEADER + ",".join({**cells, column: name}.values())))

    assert f"\n  line 2: The {column} " in text


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        *(
            (f"lab{space}5", f"a space in it that is not the usual one (U+{ord(space):04X})")
            for space in "\N{NO-BREAK SPACE}\u202f\u2007"
        ),
        *(
            (name, f"an invisible character in it (U+{code})")
            for name, code in (
                *(("la\u200bb", "200B"), ("lab\u200f", "200F"), ("lab\u200d", "200D")),
                *(("lab\u20285", "2028"), ("lab\u20295", "2029"), ("lab\u31645", "3164")),
            )
        ),
        *(
            (f"1{sign}3", f"typographic punctuation in it (U+{ord(sign):04X})")
            for sign in "\u2019\u2013\N{MINUS SIGN}\N{FRACTION SLASH}\N{PRIME}"
        ),
        *(
            (name, f"a variant of a usual character in it (U+{code})")
            for name, code in (("\ufb01les", "FB01"), ("\uff4cab", "FF4C"), ("\u00bd", "00BD"))
        ),
        *(
            (name, "looks like a date")
            for name in (
                *("02-Jan", "Jan-24", "02. Mrz", "01-févr", "2-Jan-24", "2024-01-02"),
                *("2024-01-02 00:00:00", "2024-01-02T00:00:00Z", "02.01.2024"),
            )
        ),
        *((name, "begins with") for name in ("'240669", "=A1")),
        *((name, "a word for an empty cell") for name in ("nan", "NULL")),
        *((name, "another encoding") for name in ("JosÃ©", "JosÃ³")),
        *(
            (name, "letters of two alphabets")
            for name in (
                "l\N{CYRILLIC SMALL LETTER A}b 5",
                "lab_L\N{GREEK SMALL LETTER OMICRON}ops",
            )
        ),
        ("Jose\u0301", "NFC"),
        ("lab  5", "two spaces in a row"),
        ("5.0", "a whole number with decimals"),
        ("12345678901234500", "rounded to 15 digits"),
    ],
)
def test_suspicious_name_is_a_warning(folder: Path, name: str, warning: str) -> None:
    checked = read_class(_list(folder, f"{HEADER}one.py,a,e,{name},{'0' * 31}1\n"))

    [said] = checked.warnings
    assert said.startswith("line 2: The problem ")
    assert warning in said
    assert checked.candidates[0].submission.problem == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "José",
            "lab 5",
            "O'Brien",
            "\u06a9\u200c\u06a9",
            "👩\u200d💻",
            "2026-03",
            "2024-25",
            "C#",
        ),
        *("1.5", "1.2.3", "1-2", "1\N{MASCULINE ORDINAL INDICATOR} parcial"),
        "\N{GREEK SMALL LETTER LAMDA}-calculus",
        "\N{CYRILLIC SMALL LETTER ES}\N{CYRILLIC SMALL LETTER ER} lab",
        "\u5b9e\u9a8c\uff08\u4e00\uff09",
    ],
)
def test_usual_name_is_no_warning(folder: Path, name: str) -> None:
    row = f"one.py,a,e,{name},{'0' * 31}1\n"

    assert read_class(_list(folder, f"{HEADER}{row}")).warnings == []


@pytest.mark.parametrize(
    ("token", "warning"),
    [
        ("240669d4240669d4/d823640ad823640a", "looks like several tokens"),
        ("240669d4240669d4+d823640ad823640a", "looks like several tokens"),
        ("240669d4240669d4&d823640ad823640a", "unusual in tokens"),
        ("[240669d4240669d4]", "unusual in tokens"),
        ("240669d4240669d\u0430", "unusual in tokens"),
        ("24066912345678900000", "rounded to 15 digits"),
        ("240669d4240669d4.", "begins or ends with a full stop"),
        ("240669d4240669d4:", "begins or ends with a full stop or a colon"),
        (".240669d4240669d4", "begins or ends with a full stop"),
        ("240.669.418.823.640.669.418", "digits in groups"),
        ("alice:240669d4240669d4", "a name and a token in one"),
        ("alice=240669d4240669d4", "a name and a token in one"),
    ],
)
def test_suspicious_token_is_a_warning_that_hides_it(
    folder: Path, token: str, warning: str
) -> None:
    [said] = read_class(_list(folder, f"{HEADER}one.py,a,e,p,{token}\n")).warnings

    assert said.startswith("line 2: A token ")
    assert warning in said
    assert token not in said


@pytest.mark.parametrize(
    "token", ["240669d4.240669d4-240669d4_d82", "QWxpY2UgaW4gV29uZA==", "alice.smith@example.org"]
)
def test_usual_token_is_no_warning(folder: Path, token: str) -> None:
    assert read_class(_list(folder, f"{HEADER}one.py,a,e,p,{token}\n")).warnings == []


def test_tokens_that_differ_only_in_case_are_a_warning(folder: Path) -> None:
    tokens = ["240669d4" * 4, "240669D4" * 4]
    [one] = check_one(read_candidate(folder / "one.py", "a", "e", "p", tokens)).warnings
    path = _list(folder, f"{HEADER}one.py,a,e,p,{' '.join(tokens)}\n")
    [listed] = read_class(path).warnings

    assert one == "A token is spelled nearly as another one."
    assert listed == f"line 2: {one}"


def test_short_tokens_are_one_warning(folder: Path) -> None:
    rows = [f"one.py,a,e,p{number},{number:05}\n" for number in range(9)]
    rows += [f"two.py,a,e,q{number},{number:032x}\n" for number in range(9)]

    warnings = read_class(_list(folder, HEADER + "".join(rows))).warnings

    [short] = [each for each in warnings if "bits" in each]
    assert short.startswith("lines 2, 3, 4 and 6 more: 9 of 18 tokens are shorter than 64 bits")
    assert "leading zeros" in short


def test_names_that_look_the_same_in_one_class_are_refused(folder: Path) -> None:
    rows = "one.py,José,e,p,t1\ntwo.py,Jose\u0301,e,p,t2\n"

    assert "line 3: The admin looks the same as in line 2" in _refused(
        _list(folder, f"{HEADER}{rows}")
    )


@pytest.mark.parametrize("spelling", ["LAB 5", "Lab  5", "\uff2cab 5", "Lab\u200d 5"])
def test_similar_names_in_one_class_are_a_warning(folder: Path, spelling: str) -> None:
    token = "240669d4" * 4
    rows = f"one.py,a,e,Lab 5,{token}\ntwo.py,a,e,{spelling},{token}\n"

    warnings = read_class(_list(folder, f"{HEADER}{rows}")).warnings

    assert any("line 3: The problem is spelled nearly as in line 2" in each for each in warnings)


def test_similar_names_of_other_courses_are_no_warning(folder: Path) -> None:
    token = "240669d4" * 4
    rows = f"one.py,a,lab,p,{token}\ntwo.py,b,Lab,p,{token}\n"

    assert read_class(_list(folder, f"{HEADER}{rows}")).warnings == []


def test_repeated_students_and_files_are_warnings(folder: Path) -> None:
    one, other, third = ("240669d4" * 4, "d823640a" * 4, "D823640A" * 4)
    rows = f"one.py,a,e,p,{one} {other}\none.py,a,e,p,{one}\ntwo.py,a,e,p,{third}\n"

    assert read_class(_list(folder, f"{HEADER}{rows}")).warnings == [
        "line 4: A token is spelled nearly as in line 2.",
        "line 3: The same file as in line 2.",
        "line 3: A student of line 2 submits to the same problem again.",
    ]


def test_faults_of_a_row_are_listed_line_by_line(folder: Path) -> None:
    text = _refused(_list(folder, f'{HEADER}none.py,a ,,p,"t1, t2"\n' * 1))

    assert [line.partition(": ")[2].split(" ")[:2] for line in text.splitlines()[1:]] == [
        ["There", "is"],
        ["The", "admin"],
        ["The", "event"],
        ["Token", "1"],
    ]


@pytest.mark.parametrize(
    ("on_disk", "listed"),
    [
        ("José.py", "Jose\u0301.py"),
        ("Jose\u0301.py", "José.py"),
        ("sub/José.py", "sub\\Jose\u0301.py"),
        ("sub/a.py", "sub\\a.py"),
        ("sub/a.py", ".\\sub\\a.py"),
        ("A.PY", "A.PY"),
        ("a.py", " a.py\N{NO-BREAK SPACE}"),
        ("Lab 5\u202fPM.py", "Lab 5 PM.py"),
        ("Lab\N{NO-BREAK SPACE}5.py", "Lab 5.py"),
        ("Lab 5.py", "Lab\N{NO-BREAK SPACE}5.py"),
        ("Lab\u200b5.py", "Lab5.py"),
    ],
)
def test_file_is_found_in_another_spelling(folder: Path, on_disk: str, listed: str) -> None:
    (folder / "sub").mkdir()
    (folder / on_disk).write_text("print(3)\n")

    [candidate] = read_class(_list(folder, f"{HEADER}{listed},a,e,p,t1\n")).candidates

    assert candidate.read_code() == b"print(3)\n"


@pytest.mark.parametrize(
    ("listed", "fault"),
    [
        ("ONE.py", "There is no file .*ONE.py. There is one.py."),
        ("lab.ipynb", "is a notebook. Export it as .py"),
        ("folder.py", "is a folder, not a file"),
        ("", "The file's name is missing"),
        ("..\\outside.py", "is not in the list's folder"),
        ("C:\\Users\\a.py", "is not in the list's folder|There is no file"),
        ("dangling.py", r"dangling.py is a link to gone\.py, which is gone\.$"),
        ("'one.py'", "The file's name has quotation marks around it: remove them"),
        ('"""one.py"""', "The file's name has quotation marks around it: remove them"),
        (
            "\N{LEFT DOUBLE QUOTATION MARK}one.py\N{RIGHT DOUBLE QUOTATION MARK}",
            "The file's name has quotation marks around it: remove them",
        ),
        ("#REF!", "The file's name is a spreadsheet's error: correct the cell"),
        ("a b.py", "There is no file .*a b.py. There is a\N{NO-BREAK SPACE}b.py, spelled diff"),
    ],
)
def test_invalid_file_is_named_with_advice(folder: Path, listed: str, fault: str) -> None:
    inner = folder / "class"
    (inner / "folder.py").mkdir(parents=True)
    (inner / "one.py").write_text("print(1)\n")
    (inner / "lab.ipynb").write_text("{}")
    (inner / "dangling.py").symlink_to("gone.py")
    for space in "\N{NO-BREAK SPACE}\u202f":
        (inner / f"a{space}b.py").write_text("print(1)\n")
    (folder / "outside.py").write_text("print(1)\n")

    assert re.search(f"line 2: .*{fault}", _refused(_list(inner, f"{HEADER}{listed},a,e,p,t1\n")))


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ([], "is empty"),
        (["one.py"], "has no submissions.csv"),
        (["class.csv"], "If class.csv is the list: submitter submit"),
        (["CLASS.TSV"], "If CLASS.TSV is the list: submitter submit"),
        (["class.xlsx"], "class.xlsx is a spreadsheet. Save it as CSV in UTF-8"),
    ],
)
def test_folder_without_a_list_is_refused_with_advice(
    tmp_path: Path, names: list[str], fault: str
) -> None:
    for name in names:
        (tmp_path / name).touch()

    assert fault in _refused(tmp_path)


def test_name_of_the_list_may_be_in_capitals(folder: Path) -> None:
    (folder / "SUBMISSIONS.CSV").write_text(f"{HEADER}{ROW}\n")

    assert len(read_class(folder).candidates) == 1


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
@pytest.mark.parametrize("name", ["class.xlsx", "class.csv", "class.ods"])
def test_spreadsheet_is_refused_with_advice(tmp_path: Path, start: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(start + b"\x00\xff")

    assert "is a spreadsheet, not a CSV. Save it as CSV in UTF-8" in _refused(tmp_path / name)


def test_spreadsheets_ending_is_enough(tmp_path: Path) -> None:
    (tmp_path / "CLASS.FODS").write_text("<office>")

    assert "is a spreadsheet, not a CSV" in _refused(tmp_path / "CLASS.FODS")


@pytest.mark.parametrize("name", ["dangling.py", "list.csv"])
def test_dangling_link_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.symlink_to("gone")

    with pytest.raises(SubmitterError, match="is a link to gone, which is gone"):
        read_class(path) if name.endswith(".csv") else read_candidate(path, "a", "e", "p", ["t1"])


@pytest.mark.parametrize(
    ("first", "then", "fault"),
    [
        (",", ";", "separated by commas, but line 2 by semicolons"),
        (";", ",", "separated by semicolons, but line 2 by commas"),
        ("\t", ",", "separated by tabs, but line 2 by commas"),
    ],
)
def test_mixed_separators_are_named(folder: Path, first: str, then: str, fault: str) -> None:
    text = f"{HEADER.replace(',', first)}{ROW.replace(',', then)} t2{then}\n"

    assert fault in _refused(_list(folder, text))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (f"{HEADER}{ROW}\n".encode("utf-32"), "is in UTF-32. Save it as CSV in UTF-8"),
        (f"{HEADER}{ROW}\n".encode("utf-32-le"), "is in UTF-32"),
        (f"{HEADER}{ROW}\n".encode("utf-32-be"), "is in UTF-32"),
        (codecs.BOM_UTF32_BE + f"{HEADER}{ROW}\n".encode("utf-32-be"), "is in UTF-32"),
        (f"{HEADER}{ROW}\n".encode("utf-16") + b"\n", "is cut off or damaged UTF-16, on line 3"),
        (f"{HEADER}{ROW}".encode("utf-16-be") + b"\0", "is cut off or damaged UTF-16, on line 2"),
    ],
)
def test_unreadable_encoding_is_named(folder: Path, content: bytes, fault: str) -> None:
    path = folder / "submissions.csv"
    path.write_bytes(content)

    assert fault in _refused(path)


def test_unclosed_quotation_mark_is_located(folder: Path) -> None:
    text = _refused(_list(folder, f'{HEADER}{ROW}\none.py,a,e,p,"t1\n' + f"{ROW}\n" * 50))

    assert "in the row on line 3" in text
