"""The defaults that the models are compared with."""

from embedded_aws.project import TERRAFORM
from terraform_configuration import read_modules


def terraform_default(variable: str) -> str:
    """Return a variable's default, as the root module's configuration has it."""
    root = next(each for each in read_modules(TERRAFORM) if each.folder == TERRAFORM)
    return next(each.default for each in root.variables if each.name == variable)
