"""Why a report is answered instead of passed on."""

from crm.complaints.rules import NotYet, NotYetRule
from crm.errors import SupportError


class NothingWrongYet(SupportError):
    """What is reported cannot have gone wrong yet, or is known; the response says by which rule."""

    status = 409

    def __init__(self, not_yet: NotYet) -> None:
        super().__init__(f"not passed on: {not_yet.rule}", **not_yet.values)
        self.rule: NotYetRule = not_yet.rule
        self.response = f"utter_complaint_refused_{not_yet.rule}"
