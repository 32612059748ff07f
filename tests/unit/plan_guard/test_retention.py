"""What is deleted sooner by a change, and what only looks like it."""

from typing import Any

import pytest

from plan_guard.findings import Rule
from plan_guard.plan import Action, Change
from plan_guard.rules import findings
from unit.plan_guard.changes import created, plan, updated

LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
LOG = "aws_cloudwatch_log_group"
QUEUE = "aws_sqs_queue"
BUCKET = "submissions"
RETENTION = "retention_in_days"


def _rule(name: str = "old", status: str = "Enabled", **blocks: object) -> dict[str, Any]:
    rule = {"id": name, "status": status, "filter": [{}], "expiration": []}
    return rule | {key: [value] for key, value in blocks.items()}


def _objects(days: int, name: str = "old", **which: object) -> dict[str, Any]:
    return _rule(name, expiration={"days": days}, filter=which)


def _until(date: str) -> dict[str, Any]:
    return _rule(expiration={"date": f"{date}T00:00:00Z", "days": 0})


def _versions(days: int, spared: int | None = None) -> dict[str, Any]:
    limit = {"noncurrent_days": days, "newer_noncurrent_versions": spared}
    return _rule(noncurrent_version_expiration=limit)


def _rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": BUCKET, "rule": list(rules)}


def _lifecycle(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Change:
    return updated(LIFECYCLE, _rules(*before), _rules(*after))


MARKERS = _rule(expiration={"days": 0, "expired_object_delete_marker": True})
REPLACED = Change(
    f"{LIFECYCLE}.this",
    LIFECYCLE,
    Action.REPLACE,
    _rules(_objects(30)) | {"bucket": "other"},
    _rules(_objects(30)),
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_lifecycle([], [_until("2027-01-31")]), id="a day"),
        pytest.param(_lifecycle([_until("2027-01-31")], [_until("2026-12-01")]), id="sooner"),
        pytest.param(_lifecycle([_objects(30)], [_until("2026-12-01")]), id="a day, not days"),
        pytest.param(_lifecycle([_until("2099-12-01")], [_objects(30)]), id="days, not a day"),
        pytest.param(_lifecycle([_objects(30)], [_objects(29)]), id="fewer days"),
        pytest.param(_lifecycle([_versions(9)], [_versions(9), _objects(9)]), id="objects too"),
        pytest.param(
            _lifecycle([_objects(30, prefix="output/")], [_objects(30)]), id="of the whole bucket"
        ),
        pytest.param(
            _lifecycle([_objects(30, prefix="output/")], [_objects(30, prefix="submissions/")]),
            id="of other objects",
        ),
        pytest.param(
            _lifecycle([_objects(30, object_size_greater_than=9)], [_objects(30)]),
            id="of small objects too",
        ),
        pytest.param(_lifecycle([_versions(9, 5)], [_versions(9, 4)]), id="one version less"),
        pytest.param(_lifecycle([_versions(9, 5)], [_versions(9)]), id="the newest versions too"),
        pytest.param(
            updated(LIFECYCLE, _rules(_objects(30)), {"bucket": BUCKET}, unknown={"rule": True}),
            id="rules that nobody knows",
        ),
        pytest.param(
            updated(
                LIFECYCLE,
                _rules(_versions(30)),
                _rules(_rule(noncurrent_version_expiration={})),
                unknown={"rule": [{"noncurrent_version_expiration": [{"noncurrent_days": True}]}]},
            ),
            id="days that nobody knows",
        ),
        pytest.param(created(LIFECYCLE, **_rules(_objects(30))), id="a first rule for a bucket"),
        pytest.param(created(LIFECYCLE, **_rules(_until("2027-01-31"))), id="a first day for one"),
        pytest.param(REPLACED, id="another bucket"),
        pytest.param(updated(LOG, {RETENTION: None}, {RETENTION: 365}), id="a log kept for ever"),
        pytest.param(
            updated(LOG, {RETENTION: 7}, {}, unknown={RETENTION: True}), id="log, unknown"
        ),
        pytest.param(
            updated(
                QUEUE,
                {"message_retention_seconds": 60},
                {},
                unknown={"message_retention_seconds": True},
            ),
            id="messages, unknown",
        ),
    ],
)
def test_stops_what_is_deleted_sooner(change: Change) -> None:
    assert {(it.rule, it.address) for it in findings(plan(change))} == {
        (Rule.RETENTION_SHORTENED, change.address)
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_lifecycle([_objects(30)], [_objects(30, "renamed")]), id="another name"),
        pytest.param(
            _lifecycle([_objects(30, "a"), _objects(60, "b")], [_objects(30, "b")]),
            id="what the shortest one deletes anyway",
        ),
        pytest.param(_lifecycle([_until("2027-01-31")], [_until("2027-02-01")]), id="later"),
        pytest.param(_lifecycle([], [MARKERS]), id="delete markers alone"),
        pytest.param(
            _lifecycle([], [_objects(30) | {"status": "Disabled"}]), id="a rule that does not act"
        ),
        pytest.param(
            _lifecycle([_objects(30)], [_objects(30, prefix="output/")]), id="of fewer objects"
        ),
        pytest.param(
            _lifecycle(
                [_objects(30, prefix="output/")],
                [
                    _rule(
                        expiration={"days": 30}, filter={"and": [{"prefix": "output/", "tags": {}}]}
                    )
                ],
            ),
            id="the same filter, written otherwise",
        ),
        pytest.param(
            _lifecycle(
                [_objects(30, prefix="output/")],
                [_objects(30) | {"filter": [], "prefix": "output/"}],
            ),
            id="the same filter, in the old way",
        ),
        pytest.param(_lifecycle([_versions(9)], [_versions(9, 4)]), id="some versions are spared"),
        pytest.param(created(LIFECYCLE, **_rules(MARKERS)), id="a first rule, of markers"),
        pytest.param(created(LIFECYCLE, rule=[_objects(30)]), id="a bucket that is new"),
    ],
)
def test_lets_what_is_kept_as_long_pass(change: Change) -> None:
    assert findings(plan(change)) == ()


def test_a_bucket_that_is_made_with_its_rules_loses_nothing() -> None:
    rules = created(LIFECYCLE, **_rules(_objects(30)))

    assert findings(plan(created("aws_s3_bucket", bucket=BUCKET), rules)) == ()
    assert findings(plan(created("aws_s3_bucket", bucket="another"), rules))
