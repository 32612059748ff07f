"""Reads an event's submissions: who handed them in, and what their results say.

Submissions and results are listed with all their versions, in the order of their keys' bytes, and
joined on the way; of each, only what is small stays in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from grading.document import DocumentError
from grading.event import Event, Rule, read_event
from submission.data import CODE_VERSION_METADATA, MAX_DATA_BYTES, find_contradiction
from submission.json_object import read_object, text_of
from submission.keys import (
    DATA_SUFFIX,
    SUBMISSIONS,
    SubmissionKey,
    event_key,
    folder_of,
    parse_key,
    result_place,
)
from submission.result import (
    CODE_VERSION,
    MAX_RESULT_BYTES,
    SUBMITTED_AT,
    parse_result,
)
from submission_grader.problems import MAX_EVENT_BYTES
from submitter.aws.bucket import ObjectVersion, find_version, walk_versions
from submitter.aws.read_ahead import read_ahead
from submitter.errors import SubmitterError, UsageError
from submitter.grades.grade import Grade, counts, grade_of_result, ungraded, which_counts
from submitter.pair import is_of_code
from submitter.publish.stored import published_problems
from submitter.stack.context import Context


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a team handed in for a problem."""

    problem: str
    tokens: tuple[str, ...]
    """Sorted; empty if the .json does not say whose it is."""
    grade: Grade


@dataclass(frozen=True, slots=True)
class _Folder:
    """A submission's objects, each with its versions from newest to oldest."""

    key: SubmissionKey
    data: list[ObjectVersion]
    code: list[ObjectVersion]
    results: list[ObjectVersion]


def find_event(context: Context, admin: str, event: str) -> tuple[Event, list[str]]:
    """Read an event, and list its published problems.

    Raises:
        UsageError: it is not published.
        SubmitterError: it can't be used.
        botocore.exceptions.ClientError: AWS refused.
    """
    key = event_key(admin, event)
    stored = find_version(context, key, None)
    if stored is None:
        raise UsageError(f"There is no event {event!r} of {admin!r}: {key} is not in the bucket.")
    data, _ = _read(context, key, stored.version_id, MAX_EVENT_BYTES)
    try:
        settings = read_event(data)
    except DocumentError as error:
        raise SubmitterError(f"{key} can't be used: {error}. Publish the event again.") from None
    return settings, published_problems(context, admin, event)


def read_submissions(
    context: Context, admin: str, event: str, settings: Event
) -> Iterator[Submitted]:
    """Yield what was handed in, in the order of the keys; deleted submissions are left out.

    Raises:
        botocore.exceptions.ClientError: AWS refused.
    """
    folders = _folders(context, f"{SUBMISSIONS}{admin}/{event}/")
    for folder, found in read_ahead(
        folders, lambda each: _tokens_and_grade(context, settings, each)
    ):
        tokens, grade = found
        yield Submitted(folder.key.problem, tokens, grade)


def _folders(context: Context, prefix: str) -> Iterator[_Folder]:
    results = groupby(_present(context, result_place(prefix)), lambda each: each.key)
    result = next(results, None)
    for path, objects in groupby(_present(context, prefix), lambda each: folder_of(each.key)):
        stored = list(objects)
        key = parse_key(f"{path}{path.split('/')[-2]}{DATA_SUFFIX}") if path[-1:] == "/" else None
        if not isinstance(key, SubmissionKey):
            continue
        while result is not None and result[0] < key.result_key:
            result = next(results, None)
        is_graded = result is not None and result[0] == key.result_key
        folder = _Folder(
            key,
            _versions(stored, key.data_key),
            _versions(stored, key.code_key),
            _versions(result[1], key.result_key) if result is not None and is_graded else [],
        )
        if folder.data:
            yield folder


def _present(context: Context, prefix: str) -> Iterator[ObjectVersion]:
    return (each for each in walk_versions(context, prefix) if not each.is_deletion)


def _versions(stored: Iterable[ObjectVersion], key: str) -> list[ObjectVersion]:
    """Return an object's versions from newest to oldest; none if it was deleted."""
    found = [each for each in stored if each.key == key]
    return found if any(each.is_latest for each in found) else []


def _tokens_and_grade(
    context: Context, settings: Event, folder: _Folder
) -> tuple[tuple[str, ...], Grade]:
    newest = folder.data[0]
    data, metadata = _read(context, newest.key, newest.version_id, MAX_DATA_BYTES)
    named_code = metadata.get(CODE_VERSION_METADATA) or None
    return _tokens(folder.key, data), _grade(context, settings, folder, named_code)


def _tokens(key: SubmissionKey, data: bytes) -> tuple[str, ...]:
    tokens = read_object(data).get("tokens")
    if find_contradiction(key, data) or not isinstance(tokens, list):
        return ()
    if not all(isinstance(each, str) and each and each.isprintable() for each in tokens):
        return ()
    return tuple(sorted({*tokens}))


def _grade(context: Context, settings: Event, folder: _Folder, named_code: str | None) -> Grade:
    results = _results(context, settings, folder, named_code)
    first = next(results, None)
    if (
        first is not None
        and first.is_current
        and settings.rule is Rule.LAST
        and counts(first.grade)
    ):
        # Nearly always so: the older results need not be read.
        return first.grade
    found = [*([] if first is None else [first]), *results]
    known: dict[tuple[int, int], Grade] = {}
    for each in found:
        # Of several results of the same files, the newest counts.
        known.setdefault(each.place, each.grade)
    judged = {place[0] for place in known}
    for index, version in enumerate(folder.data[1:], 1):
        if index not in judged:
            known[index, 0] = ungraded(folder.key.subid, version.time, settings)
    if not any(each.is_current for each in found):
        known[0, -1] = ungraded(folder.key.subid, _current_time(folder, named_code), settings)
    return which_counts(settings.rule, [known[place] for place in sorted(known)])


@dataclass(frozen=True, slots=True)
class _Result:
    grade: Grade
    place: tuple[int, int]
    """How many versions of the .json and of the .py are newer than those it judges."""
    is_current: bool
    """Whether it judges the newest .json, with the .py that belongs to it."""


def _results(
    context: Context, settings: Event, folder: _Folder, named_code: str | None
) -> Iterator[_Result]:
    """Yield the readable results, from newest to oldest."""
    data_places = {each.version_id: place for place, each in enumerate(folder.data)}
    code_places = {each.version_id: place for place, each in enumerate(folder.code)}
    newest, code = folder.data[0], next(iter(folder.code), None)
    for version in folder.results:
        content, _ = _read(context, version.key, version.version_id, MAX_RESULT_BYTES)
        fields, document = read_object(content), parse_result(content)
        if document.judged_version_id is None:
            continue
        # What has expired is the oldest.
        data_place = data_places.get(document.judged_version_id, len(folder.data))
        code_place = code_places.get(text_of(fields, CODE_VERSION) or "", len(folder.code))
        uploaded = folder.data[data_place].time if data_place < len(folder.data) else version.time
        is_current = document.judged_version_id == newest.version_id and (
            code is None
            or named_code is not None
            or is_of_code(document, code.version_id, code.time, newest.time, version.time)
        )
        submitted_at = _time(text_of(fields, SUBMITTED_AT)) or uploaded
        grade = grade_of_result(folder.key.subid, fields, submitted_at, settings)
        yield _Result(grade, (data_place, code_place), is_current)


def _current_time(folder: _Folder, named_code: str | None) -> datetime:
    """Return the time of a submission without a result, as docs/results.md defines it."""
    codes = [each for each in folder.code if named_code in {None, each.version_id}]
    return max(each.time for each in (folder.data[0], *codes[:1]))


def _read(context: Context, key: str, version_id: str, most: int) -> tuple[bytes, dict[str, str]]:
    """Return a version's first bytes, and its metadata."""
    answer = context.s3.get_object(
        Bucket=context.deployment.bucket_name, Key=key, VersionId=version_id
    )
    with closing(answer["Body"]) as body:
        return body.read(most), answer["Metadata"]


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None
