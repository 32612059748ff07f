"""Shows checked programs to a person."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from sandbox import FUEL_PER_SECOND
from submitter.check.checking import CheckedProgram, TimeLimit
from submitter.output import escape, unbroken


def render_check(
    programs: Sequence[CheckedProgram], time_limits: Sequence[TimeLimit]
) -> RenderableType:
    """Return a table of programs, then what is not as promised, and about time limits."""
    if not programs:
        return escape("There is no program to run.")
    table = Table(box=None, pad_edge=False)
    for column in ("PROGRAM", "VERDICT", "SCORE", "TIME", "AS PROMISED"):
        table.add_column(column, no_wrap=True, justify="right" if column == "TIME" else "left")
    for each in programs:
        style = "" if each.as_promised else "bold red"
        table.add_row(
            escape(each.program),
            escape(each.verdict),
            "-" if each.score is None else f"{each.score:g} of {each.max_score:g}",
            _slowest(each),
            escape("yes" if each.as_promised else "no", style),
        )
    parts: list[RenderableType] = [table]
    parts += [
        unbroken(f"{each.program}: {fault}", "red") for each in programs for fault in each.faults
    ]
    parts += [
        unbroken(f"{each.folder}: {each.text}", "yellow" if each.to_change else "")
        for each in time_limits
    ]
    kept = sum(each.as_promised for each in programs)
    parts.append(escape(f"{kept} of {len(programs)} programs got what they must get."))
    return Group(*parts)


def _slowest(program: CheckedProgram) -> str:
    """Return the longest of a program's cases, as the time limit counts."""
    if not program.cases:
        return "-"
    return f"{max(case.fuel for case in program.cases) / FUEL_PER_SECOND:.2f} s"
