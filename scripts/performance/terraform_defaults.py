"""Reads the defaults of the root module's variables, for the models."""

from functools import cache

from emulation.project import TERRAFORM
from terraform_configuration import read_module


def terraform_default(variable: str) -> int:
    """Return the default of a variable that is a whole number.

    Raises:
        KeyError: there is no such variable.
    """
    return int(_defaults()[variable])


@cache
def _defaults() -> dict[str, str]:
    return {each.name: each.default for each in read_module(TERRAFORM).variables}
