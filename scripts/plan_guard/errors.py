"""What the guard says when it cannot judge."""


class PlanGuardError(Exception):
    """A plan or an allow-list that cannot be judged; the text says which, why, and what to do."""
