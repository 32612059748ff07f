"""The default validator: the package format's examples of what it accepts, and hostile outputs."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.validator import DifferenceKind, ValidatorFlags, find_difference, read_flags

TEXT, NUMBER, NOT_A_NUMBER = DifferenceKind.TEXT, DifferenceKind.NUMBER, DifferenceKind.NOT_A_NUMBER
MISSING, EXTRA = DifferenceKind.MISSING, DifferenceKind.EXTRA

NO_BREAK_SPACE, LINE_SEPARATOR = "\N{NO-BREAK SPACE}", "\x1c"

# Arguments, the answer, then outputs that are accepted, then outputs that differ, and how first.
TABLE: list[tuple[str, str, list[str], list[tuple[str, DifferenceKind]]]] = [
    (
        "",
        "Hello World\n",
        ["Hello World\n", "hello WORLD", " Hello\r\n\tWorld \v\f\n", "Hello\n\n\nWorld"],
        [
            ("", MISSING),
            (" \n", MISSING),
            ("Hello ", MISSING),
            ("HelloWorld", TEXT),
            ("Hello World !", EXTRA),
            (f"Hello{NO_BREAK_SPACE}World", TEXT),
            (f"Hello{LINE_SEPARATOR}World", TEXT),
            ("Hello W\0rld", TEXT),
            ("\ufeffHello World", TEXT),
        ],
    ),
    ("", "", ["", " \n\t"], [("0", EXTRA)]),
    ("", "Straße K É", ["sTRAßE k É"], [("STRASSE k É", TEXT), ("Straße \u212a É", TEXT)]),
    ("", "Straße K É", [], [("Straße K é", TEXT)]),
    ("", "1.0 1e3", ["1.0 1E3"], [("1 1e3", TEXT), ("1.0 1000", TEXT)]),
    ("case_sensitive", "Hello", ["Hello", " Hello "], [("hello", TEXT), ("HELLO", TEXT)]),
    (
        "space_change_sensitive",
        "a\n b\n",
        ["a\n b\n", "A\n B\n"],
        [
            ("a\nb\n", TEXT),
            ("a\n  b\n", TEXT),
            ("a\n\tb\n", TEXT),
            ("a\r\n b\n", TEXT),
            (" a\n b\n", TEXT),
            ("a\n b", MISSING),
            ("a\n b\n\n", TEXT),
            ("a\n b\nc", EXTRA),
        ],
    ),
    ("space_change_sensitive", "a", ["a"], [("a\n", EXTRA), ("\na", TEXT)]),
    (
        "float_absolute_tolerance 0.1",
        "0.3 x",
        ["0.3 x", "0.4 X", "0.2 x", "+4e-1 x", ".30 x", "0.300000000000000000000000000001 x"],
        [
            ("0.4000000000000000000000000000001 x", NUMBER),
            ("-0.3 x", NUMBER),
            ("nan x", NOT_A_NUMBER),
            ("inf x", NOT_A_NUMBER),
            ("0,3 x", NOT_A_NUMBER),
            ("0x1p-2 x", NOT_A_NUMBER),
            ("0.3_0 x", NOT_A_NUMBER),
            ("\N{ARABIC-INDIC DIGIT ZERO}.3 x", NOT_A_NUMBER),
            ("0.3x", NOT_A_NUMBER),
            ("0.3 0.3", TEXT),
            ("0.3", MISSING),
        ],
    ),
    ("float_absolute_tolerance 0", "0.5", ["0.50", "5e-1", "00.5"], [("0.5000001", NUMBER)]),
    ("float_relative_tolerance 0.1", "100", ["110", "90.", "1e2"], [("110.1", NUMBER)]),
    ("float_relative_tolerance 0.1", "-100", ["-110", "-90"], [("100", NUMBER), ("-89", NUMBER)]),
    ("float_relative_tolerance 0.1", "0", ["0", "-0.0"], [("1e-300", NUMBER)]),
    ("float_tolerance 0.5", "0", ["0.5"], [("0.51", NUMBER)]),
    ("float_tolerance 0.5", "100", ["150", "50"], [("151", NUMBER)]),
    (
        "float_relative_tolerance 0.5 float_absolute_tolerance 10",
        "4",
        ["14", "-6"],
        [("14.1", NUMBER)],
    ),
    ("float_relative_tolerance 0.5 float_absolute_tolerance 10", "100", ["150"], [("151", NUMBER)]),
    ("float_tolerance 1", "inf nan", ["INF NaN"], [("0 0", TEXT), ("infinity nan", TEXT)]),
    ("float_tolerance 1", ". e5 +", [". E5 +"], [("0 0 0", TEXT)]),
    (
        "case_sensitive space_change_sensitive float_tolerance 0.5",
        "PI is 3.14\n",
        ["PI is 3.14\n", "PI is 3\n"],
        [("Pi is 3.14\n", TEXT), ("PI  is 3.14\n", TEXT), ("PI is 5\n", NUMBER)],
    ),
]


@pytest.mark.parametrize(
    ("args", "answer", "output"),
    [(args, answer, output) for args, answer, outputs, _ in TABLE for output in outputs],
)
def test_these_outputs_are_accepted(args: str, answer: str, output: str) -> None:
    assert find_difference(output, answer, read_flags(args.split())) is None


@pytest.mark.parametrize(
    ("args", "answer", "output", "kind"),
    [(args, answer, output, kind) for args, answer, _, wrong in TABLE for output, kind in wrong],
)
def test_these_outputs_differ(args: str, answer: str, output: str, kind: DifferenceKind) -> None:
    difference = find_difference(output, answer, read_flags(args.split()))
    assert difference is not None
    assert difference.kind is kind


@pytest.mark.parametrize(
    ("args", "output", "answer", "places", "whitespace_only"),
    [
        ("", "one two\nfour", "one two\n three", (8, 9), False),
        ("", "one", "one two", (3, 4), False),
        ("", "one two", "ONE", (4, 3), False),
        ("", "12 3", "1 23", (0, 0), True),
        ("", "A b", "aB", (0, 0), True),
        ("case_sensitive", "A b", "aB", (0, 0), False),
        ("space_change_sensitive", "a  b", "a b", (1, 1), True),
        ("space_change_sensitive", "a  b", "a c", (1, 1), False),
        ("space_change_sensitive", "a b", "a b\n", (3, 3), True),
        ("space_change_sensitive float_tolerance 1", "1.0  2", "1 2", (3, 1), True),
        ("space_change_sensitive float_tolerance 1", "1.0  5", "1 2", (3, 1), False),
    ],
)
def test_the_first_difference_is_found_where_it_is(
    args: str, output: str, answer: str, places: tuple[int, int], *, whitespace_only: bool
) -> None:
    difference = find_difference(output, answer, read_flags(args.split()))
    assert difference is not None
    assert (difference.output_at, difference.answer_at) == places
    assert difference.whitespace_only is whitespace_only


def test_flags_are_read_from_the_formats_arguments() -> None:
    assert read_flags([]) == ValidatorFlags()
    assert read_flags(["space_change_sensitive", "float_tolerance", "1e-6", "case_sensitive"]) == (
        ValidatorFlags(
            case_sensitive=True,
            space_change_sensitive=True,
            float_relative_tolerance=Decimal("0.000001"),
            float_absolute_tolerance=Decimal("0.000001"),
        )
    )


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ("ignore_case", "'ignore_case' is no argument"),
        ("0.1", "no argument"),
        ("__class__", "no argument"),
        ("float_tolerance", "needs a number"),
        ("float_tolerance case_sensitive", "needs a number"),
        ("float_tolerance -1", "needs a number of 0 or more"),
        ("float_tolerance inf", "needs a number"),
        ("float_absolute_tolerance nan", "needs a number"),
        ("float_tolerance 1 float_tolerance 1", "already set"),
        ("float_tolerance 1 float_relative_tolerance 1", "already set"),
        ("float_absolute_tolerance 1 float_tolerance 1", "already set"),
        ("float_absolute_tolerance 1 float_absolute_tolerance 1", "already set"),
    ],
)
def test_wrong_arguments_are_errors(args: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_flags(args.split())


FLAGS = st.builds(
    ValidatorFlags,
    case_sensitive=st.booleans(),
    space_change_sensitive=st.booleans(),
    float_relative_tolerance=st.none() | st.just(Decimal(0)) | st.just(Decimal("0.1")),
    float_absolute_tolerance=st.none() | st.just(Decimal(0)) | st.just(Decimal("0.1")),
)
OUTPUTS = st.text(st.sampled_from("aA 1.e-\n\t\0é\ud800\x85") | st.characters(), max_size=30)


@given(OUTPUTS, FLAGS)
@settings(max_examples=60)
def test_the_answer_itself_is_accepted_under_every_flag(answer: str, flags: ValidatorFlags) -> None:
    assert find_difference(answer, answer, flags) is None
    output = answer if flags.space_change_sensitive else f"\n{answer} "
    if not flags.case_sensitive:
        output = output.encode(errors="surrogatepass").swapcase().decode(errors="surrogatepass")
    assert find_difference(output, answer, flags) is None


@given(OUTPUTS, OUTPUTS, FLAGS)
@settings(max_examples=60)
def test_a_difference_lies_within_the_texts_and_fewer_flags_accept_more(
    output: str, answer: str, flags: ValidatorFlags
) -> None:
    difference = find_difference(output, answer, flags)
    if difference is None:
        lenient = replace(flags, case_sensitive=False, space_change_sensitive=False)
        assert find_difference(output, answer, lenient) is None
    else:
        assert output != answer
        assert 0 <= difference.output_at <= len(output)
        assert 0 <= difference.answer_at <= len(answer)


LONG = 10_000_000


@pytest.mark.parametrize(
    ("output", "answer", "args", "kind"),
    [
        ("9" * 10_000, "1", "float_tolerance 1", NUMBER),
        ("1e" + "9" * 10_000, "1", "float_tolerance 1", NOT_A_NUMBER),
        ("1e-" + "9" * 10_000, "1", "float_tolerance 0.5", NUMBER),
        ("1e999999999", "1e-999999999", "float_relative_tolerance 0.5", NUMBER),
        ("1", "9" * 10_000, "float_tolerance 1", None),
        ("0" * 10_000 + "1", "1", "float_tolerance 0", None),
        ("x" * LONG, "y", "", TEXT),
        ("x " * (LONG // 2), "x", "", EXTRA),
        (" " * LONG, "x", "", MISSING),
        (" " * LONG, "", "space_change_sensitive", EXTRA),
        ("9" * LONG, "9", "float_tolerance 1", NUMBER),
        ("\0" * LONG, "x", "", TEXT),
        ("[" * LONG, "[", "", TEXT),
    ],
    ids=range(13),
)
def test_hostile_outputs_are_judged_as_what_they_are(
    output: str, answer: str, args: str, kind: DifferenceKind | None
) -> None:
    started = time.process_time()
    difference = find_difference(output, answer, read_flags(args.split()))
    assert (difference and difference.kind) == kind
    assert time.process_time() - started < 1
