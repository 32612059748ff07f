"""The command behind ``make bench``: measure, save summaries, and write the report from them."""

import argparse
import importlib
import json
import signal
import sys
import traceback
from collections.abc import Sequence
from functools import partial

from emulation.project import ROOT
from performance.report import write_report
from performance.summary import MEASUREMENTS, save, with_metadata


def main() -> int:
    """Run the command; return its exit code: 0, or 1 if a measurement failed."""
    parser = argparse.ArgumentParser(prog="python -m performance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    measure = commands.add_parser("measure", help="measure, save the summaries, write the report")
    measure.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}")
    measure.add_argument(
        "--quick", action="store_true", help="measure a few samples, print them, and save nothing"
    )
    commands.add_parser("report", help="write docs/performance.md from the saved summaries")
    arguments = parser.parse_args()
    if arguments.command == "report":
        return _report()
    if unknown := sorted(set(arguments.names) - set(MEASUREMENTS)):
        parser.error(f"no such measurement: {', '.join(unknown)}")
    for name in (signal.SIGTERM, signal.SIGHUP):
        # Ends as Ctrl-C does, so that emulators stop. An ignored signal stays ignored.
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, signal.default_int_handler)
    failed = _measure(arguments.names or MEASUREMENTS, quick=arguments.quick)
    if not arguments.quick:
        _report()
    if failed:
        print(
            f"error: could not measure {', '.join(failed)}; the errors are above. Fix them, and "
            f'run: make bench MEASUREMENTS="{" ".join(failed)}"',
            file=sys.stderr,
        )
    return 1 if failed else 0


def _measure(names: Sequence[str], *, quick: bool) -> list[str]:
    """Take measurements; return the names of those that failed."""
    failed = []
    for name in names:
        print(f"Measuring {name}", flush=True)
        try:
            measure = importlib.import_module(f"performance.{name}").measure
            summary = with_metadata(partial(measure, quick=quick))
        except Exception:  # noqa: BLE001 - the other measurements go on after any error
            traceback.print_exc()
            failed.append(name)
            continue
        if quick:
            print(json.dumps(summary, indent=1))
        else:
            print(f"  saved in {save(name, summary).relative_to(ROOT)}", flush=True)
    return failed


def _report() -> int:
    print(f"Wrote {write_report().relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
