"""What the newer provider would refuse is found in the configuration, and nothing else."""

import io
import tarfile
from pathlib import Path

import pytest

from embedded_aws.project import TERRAFORM
from provider_schema.bindings import extract_schema, parse_declaration
from provider_schema.check import problems
from provider_schema.schema import FILE, Schema, dump_schema, load_schema
from terraform_configuration import read_references, read_resources

_LINK = "{@link https://example.org/hashicorp/aws/6.9.0/docs/resources/sqs_queue#%s AwsQueue#%s}"


def _declared(name: str, type_: str, indent: str = "    ") -> str:
    first, *rest = name.split("_")
    camel = first + "".join(map(str.title, rest))
    link = _LINK % (name, name)
    optional = "" if type_.startswith("!") else "?"
    return (
        f"{indent}/**\n{indent}* Docs: {link}\n{indent}*/\n"
        f"{indent}readonly {camel}{optional}: {type_.lstrip('!')};\n"
    )


DECLARATION = f"""import * as cdktn from 'cdktn';
export interface AwsQueueConfig extends cdktn.TerraformMetaArguments {{
{_declared("name", "!string")}{_declared("delay_seconds", "number")}{
    _declared("redrive", "AwsQueue.RedriveProperty[] | cdktn.IResolvable")
}}}
export declare class AwsQueue extends cdktn.TerraformResource {{
    static readonly tfResourceType = "aws_sqs_queue";
    get arn(): string;
    get delaySeconds(): number;
}}
export declare namespace AwsQueue {{
    interface RedriveProperty {{
{_declared("max_receive_count", "!number", " " * 8)}    }}
}}
"""

GOOD = """
resource "aws_sqs_queue" "this" {
  count = 1
  name  = "course" # delay = 1

  dynamic "redrive" {
    for_each = [1]
    content {
      max_receive_count = 5
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

output "arn" {
  value = aws_sqs_queue.this[0].arn # not aws_sqs_queue.this.nothing
}
"""


def _found(folder: Path, text: str) -> list[str]:
    (folder / "main.tf").write_text(text)
    schema = Schema("6.9.0", {"aws_sqs_queue": parse_declaration(DECLARATION)})
    return list(problems(read_resources(folder), read_references(folder), schema))


def test_what_the_provider_has_passes(tmp_path: Path) -> None:
    assert _found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("name  =", "title =", "aws_sqs_queue.this: there is no title in 6.9.0"),
        ("name  =", "title =", "aws_sqs_queue.this: name is missing, which 6.9.0 requires"),
        ("max_receive_count", "most", "aws_sqs_queue.this: redrive: there is no most in 6.9.0"),
        ('dynamic "redrive"', 'dynamic "name"', "aws_sqs_queue.this: name is no block in 6.9.0"),
        ('"aws_sqs_queue"', '"aws_sqs_line"', "aws_sqs_line.this: 6.9.0 has no aws_sqs_line"),
        ("this[0].arn", "this[0].url", "aws_sqs_queue has no attribute url in 6.9.0"),
    ],
)
def test_what_it_has_not_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert GOOD.count(old) == 1
    found = _found(tmp_path, GOOD.replace(old, new))
    assert any(problem in text for text in found), found


@pytest.fixture
def bindings(tmp_path: Path) -> Path:
    archive = tmp_path / "bindings.tgz"
    with tarfile.open(archive, "w:gz") as file:
        for name, text in {"lib/queue.d.ts": DECLARATION, "lib/other.d.ts": "export {};"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            file.addfile(member, io.BytesIO(text.encode()))
    return archive


def test_the_extract_has_what_is_wanted_and_survives_its_file(
    bindings: Path, tmp_path: Path
) -> None:
    schema = extract_schema(bindings, ["aws_sqs_queue", "data.aws_sqs_queue", "aws_none"])
    assert schema.provider == "6.9.0"
    assert set(schema.types) == {"aws_sqs_queue"}

    file = tmp_path / "extract.json"
    file.write_text(dump_schema(schema))
    assert load_schema(file) == schema


def test_a_declaration_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a resource nor a data source"):
        parse_declaration("export {};")


def test_the_projects_configuration_is_one_for_the_newer_provider() -> None:
    schema = load_schema(FILE)
    assert schema.provider.startswith("6.")
    resources = list(read_resources(TERRAFORM))
    assert {resource.type for resource in resources} == set(schema.types)
    assert list(problems(resources, read_references(TERRAFORM), schema)) == []
