"""What can go wrong in a way that the user can mend."""


class EmulationError(Exception):
    """A failure whose text says what happened, to what, and what to do next."""
