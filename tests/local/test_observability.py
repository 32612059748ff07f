"""Metrics, alarms, the dashboard and the stack's parameter."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from emulation.stack import Stack
from emulation.waiting import wait_for
from local.intake import ALARM_TOPIC_ARN, ARRIVAL_SECONDS, Intake, Submission
from submitter.aws.alarms import kinds_of

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")


def alarms_of(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the stack's alarms, by their names without the stack's."""
    prefix = f"{stack.outputs.name}-"
    pages = stack.session.client("cloudwatch").get_paginator("describe_alarms")
    return {
        alarm["AlarmName"].removeprefix(prefix): alarm
        for page in pages.paginate(AlarmNamePrefix=prefix)
        for alarm in page["MetricAlarms"]
    }


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics that an alarm watches, its own or those of its expression."""
    if "Metrics" not in alarm:
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


def names_of(stack: Stack) -> dict[str, set[str]]:
    """Return what each dimension may name, if it is to name what the stack has."""
    outputs = stack.outputs
    queues = (outputs.queue_url, outputs.dead_letter_queue_url, outputs.intake_failures_queue_url)
    return {
        "BucketName": {outputs.bucket_name},
        "FilterId": {"submissions"},
        "FunctionName": {outputs.function_name},
        "QueueName": {url.rpartition("/")[2] for url in queues},
        "Stack": {outputs.name},
    }


def test_every_alarm_exists_and_names_its_runbook_entry(stack: Stack) -> None:
    alarms = alarms_of(stack)

    assert alarms.keys() == {*kinds_of(stack.outputs)}
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith(f"See docs/runbook.md#{name}")


def test_alarms_notify_only_with_a_topic(stack: Stack, scratch_stack: Stack) -> None:
    for alarm in alarms_of(stack).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == []
    for alarm in alarms_of(scratch_stack).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [ALARM_TOPIC_ARN]
        assert alarm["InsufficientDataActions"] == []


@pytest.mark.parametrize("of", ["stack", "scratch_stack"])
def test_alarms_watch_the_stacks_resources(of: str, request: pytest.FixtureRequest) -> None:
    stack: Stack = request.getfixturevalue(of)
    names = names_of(stack)
    watched = set()
    for alarm in alarms_of(stack).values():
        for metric in metrics_of(alarm):
            for dimension in metric["Dimensions"]:
                assert dimension["Value"] in names[dimension["Name"]]
                watched.add(dimension["Value"])

    assert watched == set().union(*names.values())


def test_missing_data_neither_starts_an_alarm_nor_ends_one_of_a_failure_queue(stack: Stack) -> None:
    treatments = {name: alarm["TreatMissingData"] for name, alarm in alarms_of(stack).items()}

    kept = {name for name, treatment in treatments.items() if treatment == "ignore"}
    assert kept == {"intake-failures-waiting", "dead-letters-waiting"}
    assert {treatments[name] for name in treatments.keys() - kept} == {"notBreaching"}


def test_threshold_of_the_oldest_message_follows_the_variable(
    stack: Stack, scratch_stack: Stack
) -> None:
    thresholds = [
        alarms_of(each)["oldest-message-age"]["Threshold"] for each in (stack, scratch_stack)
    ]

    assert thresholds == [900, 60]


def test_only_uploads_under_submissions_are_counted(intake: Intake) -> None:
    configured = intake.s3.get_bucket_metrics_configuration(Bucket=intake.bucket, Id="submissions")[
        "MetricsConfiguration"
    ]

    assert configured["Filter"] == {"Prefix": "submissions/"}


def test_dashboard_shows_the_stacks_flow_from_left_to_right(stack: Stack) -> None:
    cloudwatch = stack.session.client("cloudwatch")
    answer = cloudwatch.get_dashboard(DashboardName=stack.outputs.dashboard_name)
    widgets = json.loads(answer["DashboardBody"])["widgets"]

    headers = sorted(
        (widget["x"], widget["properties"]["markdown"].partition("\n")[0])
        for widget in widgets
        if widget["type"] == "text" and widget["width"] < 24
    )
    assert headers == [
        (0, "## 1. Bucket"),
        (6, "## 2. Function"),
        (12, "## 3. Queue"),
        (18, "## 4. Failure queues"),
    ]
    [alarm_widget] = [widget for widget in widgets if widget["type"] == "alarm"]
    assert set(alarm_widget["properties"]["alarms"]) == {
        alarm["AlarmArn"] for alarm in alarms_of(stack).values()
    }
    names = names_of(stack)
    shown = set()
    for widget in widgets:
        for metric in widget["properties"].get("metrics", []):
            assert widget["properties"]["region"] == stack.outputs.region
            if isinstance(metric[0], dict):
                assert f'Stack="{stack.outputs.name}"' in metric[0]["expression"]
                continue
            for name, value in zip(metric[2::2], metric[3::2], strict=True):
                assert value in names[name]
                shown.add(value)
    assert shown == set().union(*names.values())


def test_widgets_of_the_dashboard_do_not_overlap(stack: Stack) -> None:
    cloudwatch = stack.session.client("cloudwatch")
    answer = cloudwatch.get_dashboard(DashboardName=stack.outputs.dashboard_name)
    cells = Counter(
        (x, y)
        for widget in json.loads(answer["DashboardBody"])["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    )

    assert set(cells.values()) == {1}
    assert max(x for x, _ in cells) == 23


def test_parameter_has_the_stacks_outputs(stack: Stack, scratch_stack: Stack) -> None:
    for each in (stack, scratch_stack):
        answer = each.session.client("ssm").get_parameter(
            Name=f"/submitter/{each.outputs.name}/stack"
        )
        told = json.loads(answer["Parameter"]["Value"])
        outputs = {name: it for name, it in asdict(each.outputs).items() if it is not None}

        assert answer["Parameter"]["Name"] == outputs.pop("stack_parameter_name")
        assert answer["Parameter"]["Type"] == "String"
        del outputs["dashboard_name"]
        assert told == outputs


def counted(intake: Intake) -> Counter[str]:
    """Add up the metrics in the function's log, as CloudWatch does: by dimensions and name."""
    totals: Counter[str] = Counter()
    for line in intake.log_lines():
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "Submitter"
            for dimensions in directive["Dimensions"]:
                where = "/".join(line[dimension] for dimension in dimensions)
                for metric in directive["Metrics"]:
                    totals[f"{where} {metric['Name']}"] += line[metric["Name"]]
    return totals


def test_function_counts_each_upload_once_in_its_log(intake: Intake) -> None:
    stray = Submission()
    intake.wait_for_earlier_uploads()
    before = counted(intake)

    for _ in range(3):
        submission = Submission()
        intake.put(submission.json_key, submission.data)
    intake.put(f"{stray.folder}/notes.json")
    intake.put("submissions/roster.json")
    expected = {
        "submitter Announced": 3,
        "submitter Ignored": 2,
        "submitter/subid_not_a_digest Ignored": 1,
        "submitter/wrong_depth Ignored": 1,
    }

    wait_for(
        f"the metrics {expected}", lambda: counted(intake) - before == expected, ARRIVAL_SECONDS
    )


def test_failure_is_counted_when_the_run_ends_in_an_error(scratch_intake: Intake) -> None:
    intake = scratch_intake
    before = counted(intake)
    unreadable = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}

    answer = intake.functions.invoke(
        FunctionName=intake.stack.outputs.function_name, Payload=json.dumps(unreadable)
    )

    assert answer["FunctionError"] == "Unhandled"
    wait_for(
        "the metric of the failure",
        lambda: counted(intake) - before == {"scratch Failed": 1},
        ARRIVAL_SECONDS,
    )
