"""Failures that the user can fix."""


class EmulationError(Exception):
    """Its text says what happened, to what, and what to do next."""
