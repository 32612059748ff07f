"""Reads the defaults of the root module's variables, for the models."""

import re
from functools import cache

from emulation.project import TERRAFORM
from terraform_configuration import Variable, read_module


def terraform_default(variable: str) -> int:
    """Return the default of a variable that is a whole number.

    Raises:
        KeyError: there is no such variable.
    """
    return int(_variables()[variable].default)


def grading_default(setting: str) -> int:
    """Return the default of a setting in the variable `grading` that is a whole number.

    Raises:
        KeyError: there is no such setting.
    """
    defaults = dict(re.findall(r"(\w+) = optional\(number, (\d+)\)", _variables()["grading"].type))
    return int(defaults[setting])


@cache
def _variables() -> dict[str, Variable]:
    return {each.name: each for each in read_module(TERRAFORM).variables}
