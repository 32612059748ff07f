"""The command behind ``make bench``: measure, keep the records, and write the report from them."""

import argparse
import importlib
import signal
import sys
import traceback

from performance.record import save, take

MEASUREMENTS = (
    "cold_start",
    "warm_path",
    "footprint",
    "end_to_end",
    "storm",
    "developers_wait",
    "cost",
    "deadline",
)
"""The modules that measure, in the order of the report; each has `measure()`."""


def main() -> int:
    """Run the command line's command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m performance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    measure = commands.add_parser("measure", help="take measurements, and keep their records")
    measure.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all without"
    )
    commands.add_parser("report", help="write docs/performance.md and its plots from the records")
    arguments = parser.parse_args()
    if arguments.command == "report":
        return _report()
    for name in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C does, so that what was started is ended. What is ignored stays ignored.
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, signal.default_int_handler)
    unknown = sorted(set(arguments.names) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    return _measure(arguments.names or MEASUREMENTS)


def _measure(names: tuple[str, ...]) -> int:
    failed = []
    for name in names:
        print(f"Measuring {name}", flush=True)
        try:
            file = save(take(name, importlib.import_module(f"performance.{name}").measure))
        except Exception:  # noqa: BLE001 - whatever it is, the others are measured all the same
            traceback.print_exc()
            failed.append(name)
        else:
            print(f"  kept in {file}", flush=True)
    if failed:
        print(f"error: not measured: {', '.join(failed)}. The reasons are above.", file=sys.stderr)
    return 1 if failed else 0


def _report() -> int:
    # Only here: what draws the plots is in an environment of its own.
    from performance.report import write_report  # noqa: PLC0415

    print(f"Wrote {write_report(MEASUREMENTS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
