"""What may become a customer's number, e-mail address or name; pure, no database."""

import re
from enum import StrEnum

LONGEST_EMAIL = 254
LONGEST_NAME = 200
_EMAIL = re.compile(r"[^@\s<>(),;:\"\\]+@[^@\s<>(),;:\"\\.]+(?:\.[^@\s<>(),;:\"\\.]+)+")


class ContactRule(StrEnum):
    """The closed list of reasons against a change of what is kept about a customer."""

    UNCHANGED = "unchanged"
    # It is the key by which people are found, so that no two customers have the same.
    EMAIL_TAKEN = "email_taken"
    NO_PHONE = "no_phone"
    NO_EMAIL = "no_email"
    NO_NAME = "no_name"


def read_email(text: str) -> str | None:
    """The e-mail address that the text is; None where it is none that mail could be sent to."""
    found = text.strip()
    return found if len(found) <= LONGEST_EMAIL and _EMAIL.fullmatch(found) else None


def read_name(text: str) -> str | None:
    """A name with its spaces put right; None where there is no letter in it, or no end of it."""
    found = " ".join(text.split())
    return found if len(found) <= LONGEST_NAME and any(each.isalpha() for each in found) else None


def contact_refusal(before: str | None, after: str) -> ContactRule | None:
    """Why there is nothing to change, or None where there is."""
    return ContactRule.UNCHANGED if before == after else None
