"""The command behind ``make plan`` and ``make drift``: judge a plan, and write its summary."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from plan_guard.allowances import load_allowances
from plan_guard.errors import PlanGuardError
from plan_guard.plan import load_plan
from plan_guard.summary import summarize
from plan_guard.verdict import judge

_PASSES, _STOPPED, _CANNOT_JUDGE = 0, 1, 2


def main() -> int:
    """Judge a plan; return the exit code: 0 if it may be applied, 1 if not, 2 if nobody knows."""
    arguments = _parser().parse_args()
    try:
        plan = load_plan(arguments.plan)
        allowances = load_allowances(arguments.allow) if arguments.allow else ()
        verdict = judge(plan, allowances, datetime.now(UTC).date())
    except PlanGuardError as error:
        print(f"error: {error}", file=sys.stderr)
        return _CANNOT_JUDGE
    summary = summarize(plan, verdict, arguments.title)
    if arguments.summary:
        arguments.summary.write_text(summary, encoding="utf-8")
    print(summary)
    if arguments.expect_no_changes:
        return _STOPPED if plan.does_something else _PASSES
    return _PASSES if verdict.passes else _STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plan_guard",
        description="Stop a Terraform plan that would lose data or open the stack; explain it.",
        epilog="exit code: 0 it may be applied; 1 it may not, or differs; 2 it cannot be judged",
    )
    parser.add_argument("plan", type=Path, help="what terraform show -json PLANFILE has written")
    parser.add_argument("--title", default="submitter", help="what the plan is for, for people")
    parser.add_argument("--allow", type=Path, help="the allow-list, a TOML file")
    parser.add_argument("--summary", type=Path, help="where to write the summary, in Markdown")
    parser.add_argument(
        "--expect-no-changes", action="store_true", help="stop at any change, to find drift"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
