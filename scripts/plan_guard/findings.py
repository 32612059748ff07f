"""What the guard finds."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Why a change is stopped; the values are what an allow-list names."""

    DATA_LOSS = "data_loss"
    RETENTION_SHORTENED = "retention_shortened"
    PROTECTION_REMOVED = "protection_removed"
    PUBLIC_ACCESS = "public_access"
    WILDCARD = "wildcard"
    NOTIFICATION_OWNED_TWICE = "notification_owned_twice"
    POLICY_WIDENED = "policy_widened"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One change that must not be applied unless it is allowed by name."""

    address: str
    rule: Rule
    what: str
    """What would happen, as a sentence without its full stop."""
