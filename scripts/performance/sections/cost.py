"""What the report says of the costs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from performance.sections.tables import table

TITLE = "Cost"

_STACK = "this stack"
_DIRECT = "direct notification"
_COMMON = ("uploads", "storage", "back end's reading")
_SHOWN_VOLUME = 1_000_000
_PLOTTED_ONE_BY_ONE = (
    _STACK,
    "this stack, with a key of its own",
    "this stack, without Lambda's own log lines",
    _DIRECT,
)

type _Data = Mapping[str, Any]


def text(data: _Data) -> str:
    """Return the section, in Markdown.

    Args:
        data: what `performance.cost.measure` returned.
    """
    return "\n".join(
        (
            *_introduction(data),
            *_per_million(data),
            *_per_month(data),
            *_memory(data),
            *_savings(data),
            *_inputs(data),
        )
    )


def _introduction(data: _Data) -> Iterator[str]:
    prices = data["prices"]
    yield (
        f"A model, not a bill: AWS's list prices for {prices['region']} as of {prices['as_of']}, "
        "free tiers and discounts left out. A submission is two uploads, and only its `.json` "
        "reaches the function. The function's CPU time and the bytes of its log lines are "
        "measured, by running its code; the other inputs are named below."
    )
    yield ""


def _per_million(data: _Data) -> Iterator[str]:
    designs = [each for each in data["designs"] if each["submissions_per_month"] == _SHOWN_VOLUME]
    parts = _parts(designs)
    yield (
        f"Dollars per million submissions, at {_SHOWN_VOLUME:,} a month. The last column is not in "
        "the sum: it is billed each month, with or without a submission."
    )
    yield ""
    heads = ("design", *parts, "sum", "added", "fixed, a month")
    yield from table(heads, (_per_million_row(each, parts) for each in designs))
    stack, direct = _one(designs, _STACK), _one(designs, _DIRECT)
    yield (
        f"*Added* is without {', '.join(_COMMON)}, which every design has. This stack adds "
        f"{_money(_added(stack))} a million, {_added(stack) / _added(direct):.2f} times what the "
        f"direct notification adds; with what all have in common, a submission costs "
        f"{_total(stack) / _total(direct):.2f} times as much. The direct notification is the "
        "floor, but can't check a key, nor send the specified message, nor log, and a .json that "
        "is no submission's reaches the back end. That work is then the back end's, and is not "
        "counted. Nor is the worker that polls, which has to remember what it has seen."
    )
    yield ""


def _per_million_row(design: _Data, parts: Sequence[str]) -> tuple[str, ...]:
    costs = design["dollars_per_million"]
    return (
        design["design"],
        *(_money(costs[part]) if part in costs else "" for part in parts),
        _money(_total(design)),
        _money(_added(design)),
        _money(sum(design["fixed_dollars_per_month"].values())),
    )


def _per_month(data: _Data) -> Iterator[str]:
    volumes = _volumes(data)
    names = list(dict.fromkeys(each["design"] for each in data["designs"]))
    costs = {
        (each["design"], each["submissions_per_month"]): each["dollars_per_month"]
        for each in data["designs"]
    }
    yield "Dollars a month, all in, by submissions a month:"
    yield ""
    yield from table(
        ("design", *(f"{volume:,}" for volume in volumes)),
        ((name, *(_money(costs[name, volume]) for volume in volumes)) for name in names),
    )
    fixed = next(
        each["fixed_dollars_per_month"] for each in data["designs"] if each["design"] == _STACK
    )
    watching = data["watching"]
    shares = ", ".join(f"{_money(amount)} for {part}" for part, amount in fixed.items())
    yield (
        f"The fixed part of this stack is {shares}: {watching['own_metrics']} metrics of its own "
        f"and {watching['request_metrics']} of S3's requests, {watching['alarm_metrics']} metrics "
        f"in alarms. It is an upper bound: CloudWatch bills a metric only for hours in which it "
        "was written, and most reasons to ignore a key are never met."
    )
    yield ""
    yield from _polling(data)


def _polling(data: _Data) -> Iterator[str]:
    rows = [each for each in data["designs"] if "polling" in each]
    yield (
        "Polling has to list the whole bucket each time, since new keys can be anywhere in it, "
        "and the bucket fills for as long as submissions are kept. When it is fullest:"
    )
    yield ""
    yield from table(
        ("submissions a month", "every", "a listing takes", "mean wait", "requests a month"),
        (
            (
                f"{each['submissions_per_month']:,}",
                f"{each['polling']['interval_seconds']} s",
                f"{each['polling']['longest_listing_seconds']:,.0f} s",
                f"{each['polling']['longest_mean_wait_seconds']:,.0f} s",
                f"{each['polling']['list_requests_per_month']:,.0f}",
            )
            for each in rows
        ),
    )
    yield (
        "Where a listing takes longer than the interval, the next one begins at once, and costs "
        "no longer grow, but the wait does."
    )
    yield ""


def _memory(data: _Data) -> Iterator[str]:
    volumes = _volumes(data)
    rows = data["memory"]
    yield (
        "The function's memory setting also sets its share of a CPU. Dollars are for a million "
        "runs, requests and duration, the init phase of cold runs included as Lambda bills it "
        "since August 2025:"
    )
    yield ""
    yield from table(
        ("memory", "warm run", "cold run", *(f"at {volume:,} a month" for volume in volumes)),
        (
            (
                f"{row['memory_mb']:,} MB",
                f"{row['warm_ms']} ms",
                f"{row['cold_ms']:,} ms",
                *(
                    _money(row["function_dollars_per_million_by_volume"][str(volume)])
                    for volume in volumes
                ),
            )
            for row in rows
        ),
    )
    yield _memory_verdict(data)
    yield ""


def _memory_verdict(data: _Data) -> str:
    by_memory = {row["memory_mb"]: row for row in data["memory"]}
    default = by_memory[data["memory_default_mb"]]
    rule = (
        f"The rule: the smallest setting at which a cold run ends within "
        f"{data['memory_longest_cold_ms']:,} ms, and which holds {data['memory_spare']} times the "
        f"peak memory of {data['function']['peak_memory']['mb']:.0f} MB "
        f"({_known(data['function']['peak_memory']['is_measured'])})."
    )
    if data["memory_chosen_mb"] is None:
        return f"{rule} No setting in the table keeps to it."
    chosen = by_memory[data["memory_chosen_mb"]]
    if chosen is default:
        return f"{rule} That is {chosen['memory_mb']} MB, the default of `function_memory_mb`."
    more = [
        chosen["function_dollars_per_million_by_volume"][volume] - dollars
        for volume, dollars in default["function_dollars_per_million_by_volume"].items()
    ]
    return (
        f"{rule} That is {chosen['memory_mb']} MB, where the default of `function_memory_mb` is "
        f"{default['memory_mb']} MB: a cold run takes {chosen['cold_ms']:,} ms rather than "
        f"{default['cold_ms']:,} ms, a warm one {chosen['warm_ms']} ms rather than "
        f"{default['warm_ms']} ms, for {_money(max(more))} a million more at most."
    )


def _savings(data: _Data) -> Iterator[str]:
    designs = [each for each in data["designs"] if each["submissions_per_month"] == _SHOWN_VOLUME]
    stack = _total(_one(designs, _STACK))
    silent = _total(_one(designs, "this stack, without Lambda's own log lines"))
    keyed = _total(_one(designs, "this stack, with a key of its own"))
    log = data["log"]
    yield (
        f"What else was looked at. A run is billed for {log['billed_bytes_per_run']:,.0f} bytes of "
        f"log, {log['billed_bytes_per_run_without_platform_lines']:,.0f} of them for its own two "
        f"lines; without Lambda's own (`system_log_level`), a million would cost "
        f"{_money(stack - silent)} less, at the price of not knowing how long a run took and how "
        f"much memory it used. A key of the stack's own adds {_money(keyed - stack)} a million."
    )
    yield ""


def _inputs(data: _Data) -> Iterator[str]:
    workload, function = data["workload"], data["function"]
    yield "Inputs:"
    yield ""
    yield (
        f"- a `.py` of {workload['code_bytes']:,} bytes (assumed) and a `.json` of "
        f"{workload['data_bytes']:,} (the specification's example), both kept for "
        f"{workload['kept_days']} days, as is the log (assumed: the stack itself deletes no object "
        "that is in force);"
    )
    yield (
        f"- {workload['repeated_share']:.1%} of runs repeated, an idle environment kept for "
        f"{workload['idle_minutes']} minutes, {workload['burst_cold_share']:.1%} of runs cold at "
        "any volume (all assumed);"
    )
    until = "the handler is there" if function["first_run_cpu_ms"] else "the first message is sent"
    yield (
        f"- CPU time: {function['init_cpu_ms']:.0f} ms until {until} ({function['init_source']}), "
        f"{function['run_cpu_ms']:.1f} ms a run (median of {function['runs']} measured runs, and "
        f"an assumed millisecond for TLS and the socket), {function['first_run_cpu_ms']:.0f} ms "
        "more for an environment's first run (assumed); one CPU of Lambda's is taken to be as "
        "fast as one of this machine's;"
    )
    yield (
        f"- waiting: {function['wait_ms']} ms for SQS, {function['first_run_wait_ms']} ms more to "
        f"be connected, {data['page_seconds']:g} s for a listing's page (all assumed);"
    )
    yield (
        f"- {workload['polling_receivers']} worker that waits on the queue all month, a request "
        f"every {workload['receive_wait_seconds']} s; each message received and deleted by itself."
    )
    yield ""
    yield from table(
        ("price", "dollars", "for", "source"),
        (
            (
                each["item"],
                f"{each['dollars']:.10f}".rstrip("0").rstrip("."),
                _unit(each),
                _link(each),
            )
            for each in data["prices"]["prices"]
        ),
    )


def _unit(price: _Data) -> str:
    return f"{price['per']:,} {price['unit']}" if price["per"] > 1 else f"a {price['unit']}"


def _link(price: _Data) -> str:
    return f"[{price['source'].removeprefix('https://')}]({price['source']})"


def _known(is_measured: bool) -> str:  # noqa: FBT001 - a flag of the data
    return "measured" if is_measured else "assumed"


def _volumes(data: _Data) -> list[int]:
    return sorted({each["submissions_per_month"] for each in data["designs"]})


def _parts(designs: Sequence[_Data]) -> list[str]:
    return list(dict.fromkeys(part for each in designs for part in each["dollars_per_million"]))


def _one(designs: Sequence[_Data], name: str) -> _Data:
    return next(each for each in designs if each["design"] == name)


def _total(design: _Data) -> float:
    return float(sum(design["dollars_per_million"].values()))


def _added(design: _Data) -> float:
    costs = design["dollars_per_million"]
    return float(sum(amount for part, amount in costs.items() if part not in _COMMON))


def _money(dollars: float) -> str:
    return f"${dollars:,.2f}"


def plot(data: _Data, file: Path) -> bool:
    """Draw what the designs cost, by part and by volume.

    Args:
        data: what `performance.cost.measure` returned.
        file: where to write the picture, a PNG.

    Returns:
        That it drew one.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only the report's environment has it

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    bars, lines = figure.subplots(1, 2)
    designs = [
        each
        for each in data["designs"]
        if each["submissions_per_month"] == _SHOWN_VOLUME and each["design"] in _PLOTTED_ONE_BY_ONE
    ]
    names = [each["design"].replace(", ", ",\n").replace("own ", "own\n") for each in designs]
    below = [0.0] * len(designs)
    for part in _parts(designs):
        heights = [each["dollars_per_million"].get(part, 0.0) for each in designs]
        bars.bar(names, heights, bottom=below, label=part, width=0.6)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    bars.set_ylabel("dollars per million submissions")
    bars.set_title("By part, without the fixed part")
    bars.tick_params(axis="x", labelsize=7)
    bars.set_ylim(0, max(below) * 1.45)
    bars.legend(fontsize=7, ncols=2, loc="upper center")
    for name in dict.fromkeys(each["design"] for each in data["designs"]):
        if name in _PLOTTED_ONE_BY_ONE[1:-1]:
            continue
        series = [each for each in data["designs"] if each["design"] == name]
        lines.plot(
            [each["submissions_per_month"] for each in series],
            [each["dollars_per_month"] for each in series],
            marker="o",
            label=name,
        )
    lines.set_xscale("log")
    lines.set_yscale("log")
    lines.set_xlabel("submissions a month")
    lines.set_ylabel("dollars a month")
    lines.set_title("All in, with the fixed part")
    lines.grid(alpha=0.3)
    lines.legend(fontsize=7)
    figure.savefig(file, dpi=120, metadata={"Software": None})
    return True
