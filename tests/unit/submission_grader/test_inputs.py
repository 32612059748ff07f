"""What is graded: the .json of the message, the .py that it names, and bad input of every kind."""

import json
from datetime import timedelta

import pytest

from submission.data import CODE_VERSION_METADATA, MAX_DATA_BYTES, write_data
from submission_grader.bucket import MissingError
from submission_grader.ends import RejectedError, Rejection, WaitingError
from submission_grader.inputs import MAX_CODE_BYTES, check_data, find_code, read_program
from unit.submission_grader.course import DAY, KEY, PROGRAM, Course

NOW = timedelta(0)


def read(course: Course, grace: timedelta = NOW) -> bytes:
    """Read a submission's newest .json, and its program."""
    data = course.bucket.get(KEY.data_key, MAX_DATA_BYTES)
    check_data(KEY, data)
    return read_program(course.bucket, KEY, find_code(course.bucket, KEY, data, grace))


def rejection(course: Course) -> Rejection:
    with pytest.raises(RejectedError) as rejected:
        read(course)
    return rejected.value.rejection


@pytest.mark.parametrize(
    "program",
    [
        PROGRAM,
        "print('é')".encode(),
        b"\xef\xbb\xbfprint(1)",
        "# coding: latin-1\nprint('é')".encode("latin-1"),
        b"print('\xff')",  # Python says what is wrong with it
        b"import (",
        b'{"cells": []}',
        b"#" * MAX_CODE_BYTES,
    ],
)
def test_what_python_can_read_reaches_it_as_it_is(course: Course, program: bytes) -> None:
    course.submit(program)
    assert read(course) == program


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (b"", Rejection.EMPTY),
        (b" \r\n\t\n", Rejection.EMPTY),
        ("print(1)".encode("utf-16"), Rejection.UTF_16),
        ("print(1)".encode("utf-16-be"), Rejection.NUL_BYTES),
        (b"\xfe\xff" + "print(1)".encode("utf-16-be"), Rejection.UTF_16),
        (b"print('a\0b')", Rejection.NUL_BYTES),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Rejection.NUL_BYTES),
        (json.dumps({"cells": [], "nbformat": 4}).encode(), Rejection.NOTEBOOK),
        (b"#" * (MAX_CODE_BYTES + 1), Rejection.LARGE_CODE),
    ],
)
def test_what_is_no_source_is_rejected_as_what_it_is(
    course: Course, program: bytes, reason: Rejection
) -> None:
    course.submit(program)
    assert rejection(course) is reason


def test_a_huge_program_costs_one_head(course: Course) -> None:
    course.submit(b"#" * (MAX_CODE_BYTES + 1))
    course.calls.clear()
    assert rejection(course) is Rejection.LARGE_CODE
    assert course.calls == [("GetObject", KEY.data_key), ("HeadObject", KEY.code_key)]


@pytest.mark.parametrize(
    "data",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b"[" * 100_000,
        write_data(KEY._replace(problem="lab6"), ()),
        write_data(KEY, ()).replace(b'"m.soltys"', b"null"),
    ],
)
def test_a_json_that_is_not_its_keys_is_rejected(course: Course, data: bytes) -> None:
    course.submit(data=data)
    assert rejection(course) is Rejection.OTHER_DATA


def test_a_large_json_is_rejected_unread(course: Course) -> None:
    course.submit(data=write_data(KEY, ()) + b" " * MAX_DATA_BYTES)
    assert rejection(course) is Rejection.LARGE_DATA


def test_the_program_is_the_one_that_the_json_names(course: Course) -> None:
    course.submit(b"print('announced')")
    course.put(KEY.code_key, b"print('later')")
    assert read(course) == b"print('announced')"


@pytest.mark.parametrize("metadata", [{}, {CODE_VERSION_METADATA: ""}])
def test_the_program_is_the_newest_if_the_json_names_none(
    course: Course, metadata: dict[str, str]
) -> None:
    course.put(KEY.code_key, b"print('older')")
    course.put(KEY.data_key, write_data(KEY, ()), metadata)
    course.put(KEY.code_key, b"print('newest')")
    assert read(course) == b"print('newest')"


@pytest.mark.parametrize("version", ["no version", "../../x", "null"])
def test_a_json_that_names_no_version_of_the_program_is_rejected(
    course: Course, version: str
) -> None:
    course.put(KEY.code_key, PROGRAM)
    course.put(KEY.data_key, write_data(KEY, ()), {CODE_VERSION_METADATA: version})
    assert rejection(course) is Rejection.CODE_GONE


def test_a_missing_program_is_waited_for_and_then_rejected(course: Course) -> None:
    course.submit(None)
    with pytest.raises(WaitingError):
        read(course, DAY)
    assert rejection(course) is Rejection.NO_CODE
    course.put(KEY.code_key, PROGRAM)
    assert read(course) == PROGRAM


def test_a_program_that_is_uploaded_at_the_same_time_is_found(course: Course) -> None:
    course.submit(None)
    course.put(KEY.code_key, PROGRAM)
    course.answer("HeadObject", KEY.code_key, 404)
    assert read(course, DAY) == PROGRAM


def test_a_program_that_vanishes_while_it_is_read_is_looked_for_again(course: Course) -> None:
    course.submit(None)
    version = course.put(KEY.code_key, PROGRAM)
    course.answer("GetObject", KEY.code_key, lambda: course.delete(KEY.code_key, version))
    with pytest.raises(WaitingError):
        read(course)
    assert rejection(course) is Rejection.NO_CODE


def test_a_deleted_program_is_missing(course: Course) -> None:
    course.submit(None)
    course.put(KEY.code_key, PROGRAM)
    course.client.delete_object(Bucket=course.bucket.name, Key=KEY.code_key)
    assert rejection(course) is Rejection.NO_CODE


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_version_that_s3_refuses_is_missing_if_it_is_not_listed(
    course: Course, status: int
) -> None:
    course.put(KEY.code_key, PROGRAM)
    course.answer("HeadObject", KEY.code_key, status)
    with pytest.raises(MissingError):
        course.bucket.head(KEY.code_key, "gone")


def test_the_newest_version_is_missing_if_the_object_was_deleted(course: Course) -> None:
    course.put(KEY.code_key, PROGRAM)
    course.client.delete_object(Bucket=course.bucket.name, Key=KEY.code_key)
    course.answer("HeadObject", KEY.code_key, 403)
    with pytest.raises(MissingError):
        course.bucket.head(KEY.code_key)


def test_what_s3_says_is_missing_needs_no_listing(course: Course) -> None:
    with pytest.raises(MissingError):
        course.bucket.head(KEY.code_key)
    assert course.calls == [("HeadObject", KEY.code_key)]


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "newest"])
def test_what_s3_refuses_but_lists_is_refused(course: Course, *, is_named: bool) -> None:
    version = course.put(KEY.code_key, PROGRAM)
    course.answer("HeadObject", KEY.code_key, 403)
    with pytest.raises(course.client.exceptions.ClientError):
        course.bucket.head(KEY.code_key, version if is_named else None)


def test_another_objects_versions_are_not_its_own(course: Course) -> None:
    course.put(f"{KEY.code_key}.bak", PROGRAM)
    course.answer("HeadObject", KEY.code_key, 403)
    with pytest.raises(MissingError):
        course.bucket.head(KEY.code_key)
