"""The model of a storm: nothing vanishes, more concurrency never hurts, small cases are known."""

import math
from collections.abc import Sequence
from random import Random

import pytest

from performance import deadline as measurement
from performance.cost_model import measured_function
from performance.sections.deadline import text
from performance.storm_model.arrivals import Deadline, Delivery, per_second
from performance.storm_model.back_end import Service, queue_course, workers_needed
from performance.storm_model.flow import Cohort, blocked_share, flow, shared_out
from performance.storm_model.intake import Intake, error_wait_seconds, throttle_wait_seconds
from performance.storm_model.reconciling import (
    Bucket,
    Latencies,
    counted_requests,
    duration,
    requests,
)
from performance.storm_model.simulation import Outage, simulate

SMALL = Deadline(1_000, window_seconds=600, rise_seconds=100)
LIMITS = (1, 2, 5, 20)


def _intake(
    concurrency: int,
    *,
    warm: float = 1.0,
    cold: float = 2.0,
    max_age: int = 21_600,
    retries: int = 2,
) -> Intake:
    return Intake(concurrency, warm, cold, max_age, retries)


def _storm(deadline: Deadline = SMALL) -> list[float]:
    return Delivery().delivered(deadline.times(1), 2)


# Arrivals


def test_all_arrive_by_the_deadline_and_most_of_them_late() -> None:
    times = Deadline(10_000).times(1)
    assert len(times) == 10_000
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= 3600
    last_ten_minutes = sum(time >= 3000 for time in times)
    assert last_ten_minutes / 10_000 == pytest.approx(0.3 / 6 + 0.7 * (1 - math.exp(-1)), abs=0.02)


def test_the_share_that_has_come_grows_from_none_to_all() -> None:
    shares = [SMALL.share_before(second) for second in range(-1, 602)]
    assert shares[:2] == [0, 0]
    assert shares[-1] == pytest.approx(1)
    assert shares == sorted(shares)


def test_an_even_deadline_is_even() -> None:
    assert Deadline(100, 100, even_share=1.0).share_before(25) == pytest.approx(0.25)


def test_the_same_seed_is_the_same_storm() -> None:
    assert SMALL.times(5) == SMALL.times(5) != SMALL.times(6)


def test_a_delivery_comes_after_the_upload_and_about_as_late_as_said() -> None:
    delivered = Delivery(median_seconds=2, spread=0.5).delivered([100.0] * 5_001, 3)
    assert min(delivered) > 100
    assert delivered[2_500] == pytest.approx(102, abs=0.1)


def test_seconds_are_counted_without_losing_any() -> None:
    assert per_second([0.0, 0.9, 2.5]) == [2, 0, 1]
    assert sum(per_second(_storm())) == SMALL.submissions
    assert per_second([]) == []


# What AWS says


def test_throttled_events_wait_from_one_second_up_to_five_minutes() -> None:
    waits = [throttle_wait_seconds(throttles) for throttles in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert throttle_wait_seconds(100_000) == 300


def test_failed_events_wait_one_minute_and_then_two() -> None:
    assert [error_wait_seconds(errors) for errors in (1, 2)] == [60, 120]


# Every event


@pytest.mark.parametrize("limit", [0, *LIMITS])
@pytest.mark.parametrize("max_age", [60, 21_600])
def test_no_event_vanishes(limit: int, max_age: int) -> None:
    intake = _intake(limit, max_age=max_age)
    by_event = simulate(_storm(), intake)
    assert len(by_event.announced) + len(by_event.failed) == SMALL.submissions
    by_second = flow(per_second(_storm()), intake)
    assert sum(by_second.announced) + sum(by_second.failed) == SMALL.submissions
    assert by_second.ages.total() == sum(by_second.announced)
    assert by_second.waiting[-1] == 0


def test_in_the_midst_of_a_storm_the_others_are_waiting() -> None:
    outcome = simulate(_storm(), _intake(1), until=600)
    assert outcome.waiting > 0
    assert len(outcome.announced) + len(outcome.failed) + outcome.waiting == SMALL.submissions
    found = flow(per_second(_storm()), _intake(1))
    arrived = sum(per_second(_storm())[:601])
    assert found.waiting[600] == arrived - sum(found.announced[:601]) - sum(found.failed[:601])


def test_without_concurrency_every_event_goes_to_the_failure_queue_when_it_is_too_old() -> None:
    outcome = simulate(_storm(), _intake(0, max_age=300))
    assert not outcome.announced
    assert {round(age) for _, age in outcome.failed} == {300}
    arriving = per_second(_storm())
    found = flow(arriving, _intake(0, max_age=300))
    assert sum(found.announced) == 0
    assert found.failed == [*[0] * 300, *arriving]


def test_more_concurrency_never_makes_an_event_older() -> None:
    found = [flow(per_second(_storm()), _intake(limit)) for limit in LIMITS]
    oldest = [max(each.oldest_age) for each in found]
    assert oldest == sorted(oldest, reverse=True)
    assert oldest[0] > oldest[-1]
    exact = [simulate(_storm(), _intake(limit)) for limit in LIMITS]
    ages = [max(age for _, age in each.announced) for each in exact]
    assert ages == sorted(ages, reverse=True)


def test_never_more_runs_at_once_than_the_limit() -> None:
    for limit in LIMITS:
        announced = simulate(_storm(), _intake(limit, cold=1.0)).announced
        ends = sorted(time for time, _ in announced)
        # So many runs of one second can end within a second.
        most = max(
            sum(end <= other < end + 1 - 1e-6 for other in ends[place : place + limit + 1])
            for place, end in enumerate(ends)
        )
        assert most <= limit


def test_three_events_at_once_on_one_environment_can_be_followed_by_hand() -> None:
    # The first is cold and ends at 2; the others come back after about 1 and then 2 seconds more.
    outcome = simulate([0.0, 0.0, 0.0], _intake(1, warm=0.1, cold=2.0))
    ends = sorted(time for time, _ in outcome.announced)
    assert ends[0] == pytest.approx(2.0)
    assert 2.7 <= ends[1] <= 3.5
    assert outcome.cold_starts == 1
    assert outcome.runs == 3
    assert outcome.throttles >= 4


def test_enough_environments_take_every_event_at_once() -> None:
    outcome = simulate([0.0, 0.0, 0.0], _intake(3, warm=0.1, cold=2.0))
    assert [time for time, _ in outcome.announced] == [2.0, 2.0, 2.0]
    assert (outcome.throttles, outcome.cold_starts) == (0, 3)


def test_environments_are_made_no_faster_than_lambda_makes_them() -> None:
    outcome = simulate([0.0] * 150, _intake(1_000, cold=0.5))
    assert sum(time == 0.5 for time, _ in outcome.announced) == 100
    assert outcome.throttles == 50


def test_a_run_that_fails_is_repeated_after_one_and_two_minutes_and_then_given_up() -> None:
    forever = Outage(0, 10_000)
    outcome = simulate([0.0], _intake(1, warm=0.1, cold=0.1), outage=forever)
    assert outcome.runs == 3
    [(given_up, age)] = outcome.failed
    assert given_up == age == pytest.approx(180, rel=0.11)
    over_in_a_minute = Outage(0, 50)
    outcome = simulate([0.0], _intake(1, warm=0.1, cold=0.1), outage=over_in_a_minute)
    assert outcome.runs == 2
    assert len(outcome.announced) == 1


def test_without_retries_an_outage_fails_exactly_its_own_events() -> None:
    storm = _storm()
    outage = Outage(300, 400)
    outcome = simulate(storm, _intake(100, warm=0.01, cold=0.01, retries=0), outage=outage)
    assert len(outcome.failed) == pytest.approx(sum(map(outage.fails, storm)), abs=2)


# By the second, against every event


@pytest.mark.parametrize(("limit", "warm"), [(1, 0.5), (2, 0.5), (5, 0.5), (3, 0.02)])
def test_the_storm_by_the_second_agrees_with_the_storm_by_event(limit: int, warm: float) -> None:
    storm = Delivery().delivered(Deadline(3_000, 1_200, rise_seconds=200).times(1), 2)
    intake = _intake(limit, warm=warm)
    exact = simulate(storm, intake)
    ages = sorted(age for _, age in exact.announced)
    found = flow(per_second(storm), intake)
    assert sum(found.announced) == len(ages) == 3_000
    assert found.throttles == pytest.approx(exact.throttles, rel=0.15, abs=20)
    for share in (0.5, 0.95):
        expected = ages[int(share * len(ages))]
        assert found.age_percentile(share) == pytest.approx(expected, rel=0.1, abs=5)


def test_erlangs_formula_is_right_where_it_is_known() -> None:
    assert blocked_share(1.0, 1) == pytest.approx(1 / 2)
    assert blocked_share(2.0, 2) == pytest.approx(2 / 5)
    assert blocked_share(5.0, 0) == 1.0
    assert blocked_share(0.0, 3) == 0.0
    assert blocked_share(1.0, 1_000) == 0.0


def _chance() -> Random:
    return Random(1)  # noqa: S311 - the same rounding at each run


def test_what_is_taken_is_shared_out_by_size_and_completely() -> None:
    cohorts = [Cohort(0, 1, 10), Cohort(1, 1, 0), Cohort(2, 1, 30), Cohort(3, 0, 60)]
    for taken in (0, 1, 7, 50, 100):
        shares = shared_out(cohorts, taken, _chance())
        assert sum(shares) == taken
        assert all(0 <= it <= cohort.events for it, cohort in zip(shares, cohorts, strict=True))
    assert shared_out(cohorts, 50, _chance()) == [5, 0, 15, 30]
    assert shared_out([], 0, _chance()) == []


def test_rounding_favours_no_cohort() -> None:
    chance = _chance()
    cohorts = [Cohort(0, 1, 1), Cohort(1, 1, 1)]
    first = sum(shared_out(cohorts, 1, chance)[0] for _ in range(1_000))
    assert first == pytest.approx(500, abs=60)


# The back end


def test_a_queue_of_three_can_be_followed_by_hand() -> None:
    # All come in the first second; one worker, two seconds each: deleted at 2, 4 and 6.
    course = queue_course([3], workers=1, service_seconds=2)
    assert course.depth == [3, 3, 2, 2, 1, 1, 0]
    assert course.oldest_age == [0, 1, 2, 3, 4, 5, 0]
    assert course.highest_age == 5
    assert course.deleted == 3


def test_without_workers_a_queue_has_no_end() -> None:
    with pytest.raises(ValueError, match="empty no queue"):
        queue_course([1], workers=0, service_seconds=5)


def test_a_queue_ends_with_every_message_deleted() -> None:
    announced = per_second(_storm())
    for workers in (1, 3, 50):
        course = queue_course(announced, workers, 5)
        assert course.deleted == SMALL.submissions
        assert course.depth[-1] == 0


def test_as_many_workers_are_needed_as_keep_below_the_alarm_and_not_one_more() -> None:
    announced = per_second(_storm())
    needed = workers_needed(announced, 5, 60)
    assert needed is not None
    assert queue_course(announced, needed, 5).highest_age <= 60
    assert queue_course(announced, needed - 1, 5).highest_age > 60


def test_more_work_or_less_patience_needs_more_workers() -> None:
    announced = per_second(_storm())
    assert _needed(announced, 5, 60) < _needed(announced, 10, 60)
    assert _needed(announced, 5, 600) < _needed(announced, 5, 60)
    assert workers_needed(announced, 61, 60) is None


def _needed(announced: Sequence[int], service_seconds: int, longest_age: int) -> int:
    needed = workers_needed(announced, service_seconds, longest_age)
    assert needed is not None
    return needed


def test_a_claim_on_several_messages_has_to_hold_for_all_of_them() -> None:
    # Ten seconds each, without any chance: the fourth of four ends after 40 seconds.
    service = Service(10, 0.0, 4)
    assert service.worked_on_twice(35, 10, 1) == pytest.approx(1 / 4)
    assert service.worked_on_twice(41, 10, 1) == 0
    assert service.worked_on_twice(5, 10, 1) == 1


# Reconciling


def test_reconcile_asks_as_often_as_the_model_says() -> None:
    counted = counted_requests(3)
    assert counted == {
        name: count for name, count in requests(Bucket(3, 3, 0, 1, 250)).items() if count
    }


def test_pages_are_counted_by_what_aws_puts_into_one() -> None:
    asked = requests(Bucket(1_000_000, 500_000, 1_000, 4, 1_000))
    assert asked["ListObjectVersions"] == 2_000
    assert asked["ListObjectsV2"] == 501
    # 999 MB by the megabyte; by the 10,000 events it would be 400.
    assert asked["FilterLogEvents"] == 999
    assert asked["Invoke"] == 100


def test_announcing_takes_as_long_as_the_rate_or_the_function_needs() -> None:
    bucket = Bucket(1_000, 0, 1_000, 4, 1_000)
    latencies = Latencies(list_page=1, log_page=10, invoke=0.1)
    slow, fast = duration(bucket, latencies, 50), duration(bucket, latencies, 1e9)
    assert slow.announcing == pytest.approx(20)
    assert fast.announcing == pytest.approx(10)
    # Two pages of versions, one of results, one for the top level, and one of the log.
    assert slow.finding == fast.finding == pytest.approx(4 + 10)


# The report


def test_the_section_shows_what_was_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    run = {"init_cpu_ms": 300.0, "run_cpu_ms": 1.0, "line_bytes": [467, 207]}
    monkeypatch.setattr(measured_function, "run_function", lambda: run)
    smaller = {
        "VOLUMES": (500, 1_000),
        "CONCURRENCY": (1, 5, 1_000),
        "_PLOTTED_CONCURRENCY": (1, 5),
        "_VALIDATED": ((500, 1, 0.5),),
        "_OUTAGE_SUBMISSIONS": 200,
        "_BATCHES": 100,
        "_COUNTED_SUBMISSIONS": (3,),
        "counted_requests": lambda _: {"ListObjectVersions": 7},
    }
    for name, value in smaller.items():
        monkeypatch.setattr(measurement, name, value)
    data = measurement.measure()
    for row in data["concurrency"]:
        assert row["announced"] + row["failed"] == row["submissions"]
    for row in data["outages"]:
        assert row["announced"] + row["failed"] == row["submissions"]
    said = text(data)
    workers = data["workers"][-1]
    assert f"| 1,000 | 30 s | {workers['workers']:,} |" in said
    warm = data["intake"]["warm_seconds"] * 1000
    assert f"waits for more than 60 s is 1 if a run takes {warm:.0f} ms, 1 if" in said
    # What was counted is not what was modelled, and that is not kept quiet.
    assert "differ from the model's at 3 submissions" in said
