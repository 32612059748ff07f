"""The command behind ``make plan`` and ``make drift``: judge a plan, and write its summary."""

import argparse
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from plan_guard.allowances import load_allowances
from plan_guard.difference import drifted
from plan_guard.judgement import judge
from plan_guard.plan import PlanGuardError, as_written, load_plan
from plan_guard.summary import summarize


def main() -> int:
    """Judge a plan; return 0 if it may be applied, 1 if not, 2 if it cannot be judged."""
    arguments = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        # A character that a terminal lacks must not change the exit code.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _judge(arguments)
    except PlanGuardError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _judge(arguments: argparse.Namespace) -> int:
    today = datetime.now(UTC).date()
    plan = load_plan(arguments.plan)
    allowances = load_allowances(arguments.allow, today) if arguments.allow else ()
    with as_written(arguments.plan):
        verdict = judge(plan, allowances, today)
        summary = summarize(
            plan, verdict, arguments.title, today, expect_no_changes=arguments.expect_no_changes
        )
    try:
        if arguments.summary:
            arguments.summary.write_text(summary, encoding="utf-8", errors="backslashreplace")
        print(summary, flush=True)
    except OSError as error:
        raise PlanGuardError(f"The summary cannot be written: {error}.") from error
    differs = arguments.expect_no_changes and (plan.does_something or any(drifted(plan)))
    return 0 if verdict.passes and not differs else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plan_guard",
        description="Stop a Terraform plan with changes that are not known to be harmless.",
        epilog="exit code: 0 it may be applied; 1 it may not, or differs; 2 it cannot be judged",
    )
    parser.add_argument("plan", type=Path, help="the output of terraform show -json PLANFILE")
    parser.add_argument("--title", default="submitter", help="the name shown for the plan")
    parser.add_argument("--allow", type=Path, help="the allow-list, a TOML file")
    parser.add_argument("--summary", type=Path, help="where to write the summary, in Markdown")
    parser.add_argument(
        "--expect-no-changes", action="store_true", help="stop at any change, to find drift"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
