"""The reference matches the configuration."""

from pathlib import Path

import pytest

from emulation.project import TERRAFORM
from terraform_reference import FILE, check, render

MODULE = """
variable "name" {
  description = "Name, such as \\"course|a\\"."
  type        = string
}

variable "tags" {
  description = "Tags."
  type        = map(list(string))
  default     = { a = ["b", null], c = [] }
}

variable "on" {
  type    = bool
  default = false
}

output "arn" {
  description = "The ARN."
  value       = aws_sqs_queue.this.arn
}

data "aws_region" "current" {}

resource "aws_sqs_queue" "this" {
  name = var.name
}

module "inner" {
  source = "./inner"
}
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    folder = tmp_path / "terraform"
    (folder / "inner").mkdir(parents=True)
    (folder / "main.tf").write_text(MODULE)
    (folder / "inner" / "main.tf").write_text('resource "aws_sqs_queue" "inner" {}\n')
    return folder


def test_reference_lists_inputs_outputs_modules_and_resources(configuration: Path) -> None:
    lines = render(configuration).splitlines()

    assert '| `name` | `string` | required | Name, such as "course\\|a". |' in lines
    assert '| `tags` | `map(list(string))` | `{ a = ["b", null], c = [] }` | Tags. |' in lines
    assert "| `on` | `bool` | `false` |  |" in lines
    assert "| `arn` | The ARN. |" in lines
    assert "Modules: `inner`." in lines
    outer, inner = lines.index("## terraform"), lines.index("## terraform/inner")
    assert lines[outer:inner].count("- `aws_sqs_queue.this`") == 1
    assert "- `data.aws_region.current`" in lines[outer:inner]
    assert "- `aws_sqs_queue.inner`" in lines[inner:]
    assert "- `aws_sqs_queue.inner`" not in lines[:inner]


def test_files_that_terraform_ignores_are_ignored(configuration: Path) -> None:
    before = render(configuration)
    # What macOS and Jupyter leave.
    (configuration / "._main.tf").write_bytes(b"\0\5\26\7\xff")
    (configuration / ".ipynb_checkpoints").mkdir()
    (configuration / ".ipynb_checkpoints" / "main-checkpoint.tf").write_text(MODULE)
    assert render(configuration) == before


def test_outdated_reference_is_found(
    configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reference.md"
    assert check(file, render(configuration)) == 1
    file.write_text(render(configuration))
    assert check(file, render(configuration)) == 0

    (configuration / "main.tf").write_text(MODULE.replace("The ARN.", "Its ARN."))
    assert check(file, render(configuration)) == 1
    said = capsys.readouterr().err
    assert "+| `arn` | Its ARN. |" in said
    assert "make reference" in said


def test_committed_reference_is_up_to_date() -> None:
    assert FILE.read_text() == render(TERRAFORM)
