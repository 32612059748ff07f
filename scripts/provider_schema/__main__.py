"""The command behind ``make provider-schema`` and ``make lint``."""

import argparse
import sys
from pathlib import Path

from embedded_aws.project import ROOT, TERRAFORM
from provider_schema.bindings import extract_schema
from provider_schema.check import problems
from provider_schema.schema import FILE, dump_schema, load_schema
from terraform_configuration import read_references, read_resources


def main() -> int:
    """Run the command line's command; return its exit code: 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m provider_schema",
        description="Check the configuration against the AWS provider's newer major version.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("check", help="compare it with the extract of the schema")
    extract = commands.add_parser("extract", help="write the extract anew, out of the bindings")
    extract.add_argument("bindings", type=Path, help="the archive in the package of bindings")
    arguments = parser.parse_args()
    if arguments.command == "extract":
        return _extract(arguments.bindings)
    return _check()


def _extract(bindings: Path) -> int:
    wanted = {resource.type for resource in read_resources(TERRAFORM)}
    schema = extract_schema(bindings, wanted)
    FILE.write_text(dump_schema(schema), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)} has {len(schema.types)} types of {schema.provider}")
    missing = sorted(wanted - set(schema.types))
    if missing:
        print(f"error: {schema.provider} has no {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def _check() -> int:
    schema = load_schema(FILE)
    resources = list(read_resources(TERRAFORM))
    found = list(problems(resources, read_references(TERRAFORM), schema))
    for problem in found:
        print(problem.removeprefix(f"{ROOT}/"), file=sys.stderr)
    if found:
        print(
            f"error: the configuration is not one for hashicorp/aws {schema.provider}. Write it so "
            "that both major versions take it; for a type that is new to it, first run "
            "`make provider-schema`.",
            file=sys.stderr,
        )
        return 1
    print(
        f"{len(resources)} resources and data sources are those of hashicorp/aws {schema.provider}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
