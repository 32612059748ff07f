"""What the report says of a deadline's storm."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from performance.sections.tables import table

TITLE = "Deadline storms past one machine"

_ON_TIME_SECONDS = 60
"""An event that waits no longer than this is not late: S3 itself can take as long."""

type _Data = Mapping[str, Any]


def text(data: _Data) -> str:
    """Return the section, in Markdown.

    Args:
        data: what `performance.deadline.measure` returned.
    """
    return "\n".join(
        (
            *_introduction(data),
            *_concurrency(data),
            *_dropped(data),
            *_workers(data),
            *_reconcile(data),
            *_settings(data),
            *_validation(data),
        )
    )


def _introduction(data: _Data) -> Iterator[str]:
    deadline, delivery, intake = data["deadline"], data["delivery"], data["intake"]
    yield (
        f"A simulation of the hour before a deadline. {deadline['even_share']:.0%} of the "
        "submissions come evenly, from those who work to a plan; the rate of the others grows by "
        f"the factor e every {deadline['rise_seconds'] / 60:g} minutes, and drops to nothing at "
        f"the deadline. A million then end with {_peak(data):,.0f} a second. S3 tells of an upload "
        f"after {delivery['median_seconds']:g} s in the median, and seldom after more than a "
        f"minute (assumed). A run takes {intake['warm_seconds'] * 1000:.0f} ms, and "
        f"{intake['cold_seconds']:.1f} s in a new environment, as under Cost for the default "
        f"memory. Lambda starts at most {data['account']['new_environments_per_second']} "
        f"environments a second, and an event that finds none "
        f"waits 1 s, 2 s, 4 s and so on up to 5 minutes, until it is "
        f"{intake['max_age_seconds'] / 3600:g} hours old."
    )
    yield ""


def _peak(data: _Data) -> float:
    return float(max(data["peak_per_second"].values()))


def _concurrency(data: _Data) -> Iterator[str]:
    yield "How long events wait for the function, by how many runs it may have at once:"
    yield ""
    heads = (
        "submissions in the hour",
        "concurrency",
        "median wait",
        "95 %",
        "longest",
        "most waiting",
        "throttled attempts",
        "last announced after the deadline",
        "to the failure queue",
    )
    yield from table(heads, (_concurrency_row(row) for row in _telling(data)))
    account = data["account"]
    yield (
        f"{account['concurrency']:,} is an account's default, without a reservation; a new account "
        f"has about {account['new_concurrency']}, and no room to reserve any, since "
        f"{account['unreserved_at_least']} have to stay unreserved. Throttling makes "
        "announcements late: an event that was sent away comes back only after its wait, so the "
        "backlog of a storm is worked off for longer than its size needs, and the last ones wait "
        "longest. A concurrency of 0 is no row of this: the function then never runs, and every "
        "event goes to the intake-failures queue."
    )
    yield ""


def _telling(data: _Data) -> Iterator[_Data]:
    """Yield the rows up to the first in which nothing is throttled, and the account's default."""
    was_enough, volume = False, None
    for row in data["concurrency"]:
        if row["submissions"] != volume:
            was_enough, volume = False, row["submissions"]
        if not was_enough or row["concurrency"] == data["account"]["concurrency"]:
            yield row
        was_enough = was_enough or not row["throttles"]


def _concurrency_row(row: _Data) -> tuple[str, ...]:
    is_stopped = not row["announced"]
    return (
        f"{row['submissions']:,}",
        f"{row['concurrency']:,}",
        "never" if is_stopped else f"{row['age_p50_seconds']:,} s",
        "never" if is_stopped else f"{row['age_p95_seconds']:,} s",
        f"{row['age_highest_seconds']:,} s",
        f"{row['most_waiting']:,}",
        f"{row['throttles']:,}",
        "" if is_stopped else f"{row['announced_after_deadline_seconds']:,} s",
        f"{row['failed']:,}",
    )


def _dropped(data: _Data) -> Iterator[str]:
    volume = max(data["deadline"]["volumes"])
    ages = sorted({row["max_age_seconds"] for row in data["max_age"]})
    yield (
        "An event leaves Lambda without having been announced in two cases, and both times it goes "
        "to the intake-failures queue, which keeps it for 14 days: it gets too old, or its run "
        f"fails too often. Of {volume:,} submissions get too old, by `event_max_age_seconds`:"
    )
    yield ""
    limits = sorted({row["concurrency"] for row in data["max_age"]})
    failed = {
        (row["concurrency"], row["max_age_seconds"]): row["failed"] for row in data["max_age"]
    }
    yield from table(
        ("concurrency", *(f"{age:,} s" for age in ages)),
        ((f"{limit}", *(f"{failed[limit, age]:,}" for age in ages)) for limit in limits),
    )
    retries = sorted({row["retry_attempts"] for row in data["outages"]})
    yield (
        f"Of {data['outages'][0]['submissions']:,} submissions fail too often, where the queue is "
        "out of reach for the last minutes before the deadline, by `retry_attempts` (the waits "
        "are one and two minutes):"
    )
    yield ""
    yield from table(
        ("out of reach for", "delivered meanwhile", *(f"retries: {number}" for number in retries)),
        _outage_rows(data["outages"]),
    )


def _outage_rows(rows: Sequence[_Data]) -> Iterator[tuple[str, ...]]:
    for minutes in sorted({row["minutes"] for row in rows}):
        those = [row for row in rows if row["minutes"] == minutes]
        yield (
            f"{minutes} min",
            f"{those[0]['in_outage']:,}",
            *(f"{row['failed']:,}" for row in those),
        )


def _workers(data: _Data) -> Iterator[str]:
    alarm = data["queue_series"]["alarm_seconds"]
    yield (
        f"Workers that a back end needs, all there from the beginning, so that no message gets "
        f"older than the {alarm} s of the alarm, work included:"
    )
    yield ""
    yield from table(
        ("submissions", "work on each", "workers", "most messages", "empty after the deadline"),
        (
            (
                f"{row['submissions']:,}",
                f"{row['service_seconds']} s",
                f"{row['workers']:,}",
                f"{row['most_messages']:,}",
                f"{row['empty_after_deadline_seconds']:,} s",
            )
            for row in data["workers"]
        ),
    )
    fewest = ", ".join(
        f"{row['fewest_workers']:,} with {row['service_seconds']} s of work each"
        for row in data["retention"]
    )
    last = data["retention"][-1]
    yield (
        f"So that none of {last['submissions']:,} messages expires within `queue_retention_days` "
        f"({last['retention_days']}), there have to be at least {fewest}."
    )
    yield ""
    yield (
        "A worker that receives several messages at once and works on one after the other holds a "
        "claim on all of them meanwhile. The share that SQS hands out a second time, if the claim "
        f"is not extended and work is log-normally distributed (spread "
        f"{data['service_spread']:g}, assumed), by `visibility_timeout_seconds`:"
    )
    yield ""
    timeouts = list(data["visibility"][0]["worked_on_twice_share"])
    yield from table(
        ("work on each", "received at once", *(f"{timeout} s" for timeout in timeouts)),
        (
            (
                f"{row['service_seconds']} s",
                f"{row['messages_at_once']}",
                *(f"{row['worked_on_twice_share'][timeout]:.1%}" for timeout in timeouts),
            )
            for row in data["visibility"]
        ),
    )


def _reconcile(data: _Data) -> Iterator[str]:
    found = data["reconcile"]
    latencies = found["latencies"]
    counted = " and ".join(f"{row['submissions']}" for row in found["counted"])
    yield (
        "`submitter reconcile` reads the function's whole log and lists the whole bucket, one "
        "request after the other. The requests for pages were counted by running it on moto, with "
        f"{counted} submissions of which none was missed{_agreement(found['counted'])}; their "
        "times on AWS are assumed: "
        f"{latencies['list_page']:g} s for a page of 1,000 keys, {latencies['log_page']:g} s for "
        f"one of the log, {latencies['invoke']:g} s to have ten announced."
    )
    yield ""
    yield from table(
        (
            "submissions",
            "missed",
            "requests for pages",
            "finding them",
            f"announcing, `--rate {found['default_rate']:g}`",
            "announcing, as fast as it goes",
        ),
        (
            (
                f"{row['submissions']:,}",
                f"{row['missed']:,}",
                f"{sum(row['requests'].values()) - row['requests']['Invoke']:,}",
                _duration(row["seconds_by_rate"]["default"]["finding"]),
                _duration(row["seconds_by_rate"]["default"]["announcing"]),
                _duration(row["seconds_by_rate"]["unlimited"]["announcing"]),
            )
            for row in found["rows"]
        ),
    )


def _agreement(counted: Sequence[_Data]) -> str:
    """Return how what was counted agrees with the model."""
    differing = [
        row["submissions"]
        for row in counted
        if any(row["counted"].get(name, 0) != count for name, count in row["modelled"].items())
    ]
    if differing:
        return f" (and differ from the model's at {', '.join(map(str, differing))} submissions)"
    return " (as many as modelled, each time)"


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def _settings(data: _Data) -> Iterator[str]:
    yield "What it says of Terraform's settings:"
    yield ""
    yield from table(
        ("setting", "default", "finding"),
        (
            (f"`{name}`", f"{default}", finding)
            for name, default, finding in _findings(data, data["settings"])
        ),
        of_text=True,
    )


def _findings(data: _Data, settings: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    biggest = max(data["deadline"]["volumes"])
    rows = [row for row in data["concurrency"] if row["submissions"] == biggest]
    used = max(row["environments"] for row in rows)
    yield (
        "reserved_concurrency",
        settings["reserved_concurrency"],
        (
            f"{biggest:,} in an hour use {used} environments. {_enough(data)} Reserve what the "
            "last of these says where other functions could use up the account's limit; a new "
            "account has its limit raised."
        ),
    )
    some = min(row["concurrency"] for row in rows if not row["failed"])
    oldest = next(row["age_highest_seconds"] for row in rows if row["concurrency"] == some)
    max_age = int(settings["event_max_age_seconds"])
    verdict = "covers that" if oldest < max_age else "does not cover that"
    yield (
        "event_max_age_seconds",
        settings["event_max_age_seconds"],
        (
            f"With {some} at once the oldest gets {oldest:,} s old; the default {verdict}, and is "
            "the longest that Lambda takes. Shorter ones only fill the failure queue."
        ),
    )
    yield "retry_attempts", settings["retry_attempts"], _retry_finding(data)
    yield "visibility_timeout_seconds", settings["visibility_timeout_seconds"], _claims(data)
    yield (
        "queue_retention_days",
        settings["queue_retention_days"],
        (
            f"Enough for {data['retention'][-1]['fewest_workers']:,} workers with "
            f"{data['retention'][-1]['service_seconds']} s of work for each of {biggest:,}."
        ),
    )
    alarm = int(settings["oldest_message_age_alarm_seconds"])
    yield (
        "oldest_message_age_alarm_seconds",
        settings["oldest_message_age_alarm_seconds"],
        (
            "It rings in any storm that the workers above are too few for; more than "
            f"{alarm} s keeps it quiet with fewer workers, and students wait as much longer."
        ),
    )
    yield (
        "function_memory_mb",
        settings["function_memory_mb"],
        "See Cost; a shorter run needs as much less concurrency.",
    )


def _enough(data: _Data) -> str:
    """Return which concurrency is enough, however long a run waits for SQS."""
    told = []
    for factor in sorted({row["wait_factor"] for row in data["slower_runs"]}):
        rows = [row for row in data["slower_runs"] if row["wait_factor"] == factor]
        enough = [row for row in rows if row["age_highest_seconds"] <= _ON_TIME_SECONDS]
        least = min((str(row["concurrency"]) for row in enough), key=int, default="none tried")
        told.append(f"{least} if a run takes {rows[0]['warm_seconds'] * 1000:.0f} ms")
    return (
        f"Of those tried, the smallest with which no event waits for more than "
        f"{_ON_TIME_SECONDS} s is {', '.join(told)}, which is with SQS as fast as assumed, and "
        "slower."
    )


def _retry_finding(data: _Data) -> str:
    default = int(data["settings"]["retry_attempts"])
    borne = [
        row["minutes"]
        for row in data["outages"]
        if row["retry_attempts"] == default and not row["failed"]
    ]
    if not borne:
        return "No outage that was tried is borne without a redrive."
    return (
        f"Bears outages of up to {max(borne)} minutes by itself; after longer ones "
        "`submitter redrive intake --yes` announces the rest. Lambda takes no more than 2."
    )


def _claims(data: _Data) -> str:
    timeout = data["settings"]["visibility_timeout_seconds"]
    late = [
        f"{row['messages_at_once']} at once with {row['service_seconds']} s each"
        for row in data["visibility"]
        if row["worked_on_twice_share"].get(timeout, 0) > 0
    ]
    if not late:
        return "Long enough for each way of working that was tried."
    return (
        f"Too short for {', '.join(late)}: receive fewer, extend the claim, or set it to some "
        "multiple of the work on all that is received at once."
    )


def _validation(data: _Data) -> Iterator[str]:
    yield (
        "The million is followed second by second, in groups of events that can't be told apart; "
        "which share of those that are due finds an environment is Erlang's formula B. Smaller "
        "storms were followed event by event too (simpy), and agree as follows:"
    )
    yield ""
    yield from table(
        (
            "submissions",
            "concurrency",
            "a run",
            "throttled, by event",
            "by second",
            "median wait, by event",
            "by second",
            "95 %, by event",
            "by second",
        ),
        (_validation_row(row) for row in data["validation"]),
    )
    ratios = [
        row["flow"]["age_p95_seconds"] / row["simulation"]["age_p95_seconds"]
        for row in data["validation"]
        if row["simulation"]["age_p95_seconds"] >= _ON_TIME_SECONDS
    ]
    if ratios:
        yield (
            f"Where there is a backlog, the 95 % wait by the second is {min(ratios):.2f} to "
            f"{max(ratios):.2f} times that by event."
        )
    yield (
        "Not modelled: that Lambda reads a long queue more slowly, which AWS does not put into "
        "figures; that environments go away when idle; and duplicates."
    )


def _validation_row(row: _Data) -> tuple[str, ...]:
    exact, flow = row["simulation"], row["flow"]
    return (
        f"{row['submissions']:,}",
        f"{row['concurrency']}",
        f"{row['warm_seconds'] * 1000:.0f} ms",
        f"{exact['throttles']:,}",
        f"{flow['throttles']:,}",
        f"{exact['age_p50_seconds']:,.0f} s",
        f"{flow['age_p50_seconds']:,} s",
        f"{exact['age_p95_seconds']:,.0f} s",
        f"{flow['age_p95_seconds']:,} s",
    )


def plot(data: _Data, file: Path) -> bool:
    """Draw the storm of a million, and what its queue needs.

    Args:
        data: what `performance.deadline.measure` returned.
        file: where to write the picture, a PNG.

    Returns:
        That it drew one.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only the report's environment has it

    figure = Figure(figsize=(12, 8), layout="constrained")
    (rates, ages), (queue, workers) = figure.subplots(2, 2)
    _draw_storm(data["series"], rates, ages)
    _draw_queue(data["queue_series"], queue)
    services = sorted({row["service_seconds"] for row in data["workers"]})
    for service in services:
        rows = [row for row in data["workers"] if row["service_seconds"] == service]
        workers.plot(
            [row["submissions"] for row in rows],
            [row["workers"] for row in rows],
            marker="o",
            label=f"{service} s of work each",
        )
    workers.set(xscale="log", yscale="log", xlabel="submissions in the hour", ylabel="workers")
    workers.set_title("Workers needed to stay below the alarm")
    workers.legend(fontsize=8)
    for axes in (rates, ages, queue, workers):
        axes.grid(alpha=0.3)
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return True


def _draw_storm(series: _Data, rates: Any, ages: Any) -> None:  # noqa: ANN401 - matplotlib's
    minutes = series["every_seconds"] / 60
    arriving = series["delivered_per_second"]
    rates.plot([at * minutes for at in range(len(arriving))], arriving, "k--", label="arriving")
    for limit, course in series["by_concurrency"].items():
        announced, age = course["announced_per_second"], course["oldest_age_seconds"]
        times = [at * minutes for at in range(len(announced))]
        rates.plot(times, announced, label=f"announced, concurrency {limit}")
        ages.plot(
            [at * minutes for at in range(len(age))],
            [seconds / 60 for seconds in age],
            label=f"concurrency {limit}",
        )
    rates.set(xlabel="minutes; the deadline is at 60", ylabel="a second", xlim=(0, 150))
    rates.set_title(f"{series['submissions']:,} submissions in an hour")
    rates.legend(fontsize=7)
    ages.set(xlabel="minutes", ylabel="minutes", xlim=(0, 150), ylim=(0, 90))
    ages.set_title("Age of the oldest event that is not announced")
    ages.legend(fontsize=7)


def _draw_queue(series: _Data, queue: Any) -> None:  # noqa: ANN401 - matplotlib's
    minutes = series["every_seconds"] / 60
    for workers, course in series["by_workers"].items():
        age = course["oldest_age_seconds"]
        queue.plot(
            [at * minutes for at in range(len(age))],
            [seconds / 60 for seconds in age],
            label=f"{int(workers):,} workers",
        )
    queue.axhline(series["alarm_seconds"] / 60, color="k", linestyle=":", label="alarm")
    queue.set(xlabel="minutes; the deadline is at 60", ylabel="minutes")
    queue.set_title(f"Age of the oldest message, {series['service_seconds']} s of work each")
    queue.legend(fontsize=8)
