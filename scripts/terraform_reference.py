"""Writes docs/reference.md: every module's inputs, outputs and resources."""

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from emulation.project import ROOT, TERRAFORM
from terraform_configuration import Module, Variable, read_modules

FILE = ROOT / "docs" / "reference.md"
_MOST_SHOWN = 20
_HEAD = """# Reference

Every Terraform module: its inputs, outputs and resources.
`make reference` writes it from `terraform/`; `make lint` fails if it is out of date.
"""


def main() -> int:
    """Run the command; return its exit code: 0, or 1 if the file is out of date."""
    parser = argparse.ArgumentParser(
        prog="python -m terraform_reference", description="Write or check docs/reference.md."
    )
    parser.add_argument("command", choices=("write", "check"))
    text = render(TERRAFORM)
    if parser.parse_args().command == "write":
        FILE.write_text(text, encoding="utf-8")
        return 0
    return check(FILE, text)


def render(folder: Path) -> str:
    """Return the reference in Markdown.

    Args:
        folder: the root module's folder.
    """
    return "\n".join(
        (_HEAD, *(line for it in read_modules(folder) for line in _module(it, folder)))
    )


def check(file: Path, text: str) -> int:
    """Print how a file differs from the reference; return 1 if it differs, else 0."""
    there = file.read_text(encoding="utf-8") if file.exists() else ""
    if there == text:
        return 0
    difference = difflib.unified_diff(
        there.splitlines(), text.splitlines(), str(file), "terraform/", lineterm="", n=0
    )
    print("\n".join(list(difference)[:_MOST_SHOWN]), file=sys.stderr)
    print(f"error: {file} does not match terraform/. Run: make reference", file=sys.stderr)
    return 1


def _module(module: Module, root: Path) -> Iterator[str]:
    yield f"## {(Path(root.name) / module.folder.relative_to(root)).as_posix()}"
    yield ""
    if module.variables:
        yield "| input | type | default | description |"
        yield "| --- | --- | --- | --- |"
        yield from map(_input, module.variables)
        yield ""
    if module.outputs:
        yield "| output | description |"
        yield "| --- | --- |"
        for output in module.outputs:
            yield f"| `{output.name}` | {_prose(output.description)} |"
        yield ""
    if module.calls:
        yield f"Modules: {', '.join(f'`{name}`' for name in sorted(module.calls))}."
        yield ""
    addresses = sorted(it.address for it in module.resources)
    if addresses:
        yield "Resources and data sources:"
        yield ""
        yield from (f"- `{address}`" for address in addresses)
        yield ""


def _input(variable: Variable) -> str:
    default = "required" if variable.is_required else f"`{_cell(variable.default)}`"
    cells = (f"`{variable.name}`", f"`{_cell(variable.type)}`", default)
    return f"| {' | '.join(cells)} | {_prose(variable.description)} |"


def _cell(text: str) -> str:
    """Return a text that does not end its table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _prose(text: str) -> str:
    """Return a text without HTML."""
    return _cell(text).replace("<", "\\<")


if __name__ == "__main__":
    sys.exit(main())
