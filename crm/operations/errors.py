"""What can be wrong about taking an operation back."""

from enum import StrEnum

from crm.errors import SupportError


class UndoRule(StrEnum):
    """The closed list of reasons against undoing; each has its own wording."""

    UNKNOWN = "unknown"
    FINAL = "final"
    UNDONE_BEFORE = "undone_before"
    TOO_LATE = "too_late"
    MOVED_ON = "moved_on"
    SOLD_OUT = "sold_out"


class UndoRefused(SupportError):
    """The operation stays as it is; the response says by which rule."""

    status = 409

    def __init__(self, rule: UndoRule, **values: str) -> None:
        super().__init__(f"not undone: {rule}", **values)
        self.rule = rule
        self.response = f"utter_undo_refused_{rule}"


class AccountUndoRefused(UndoRefused):
    """The same of a customer's own data, where no order has to be named."""

    def __init__(self, rule: UndoRule) -> None:
        super().__init__(rule)
        self.response = f"utter_undo_account_refused_{rule}"
