"""What can be wrong about a change of a customer's own data."""

from crm.customers.contact_rules import ContactRule
from crm.errors import SupportError


class ContactRefused(SupportError):
    """It stays as it is. Agents hear by which rule; in the chat only a number that is there already can."""

    status = 409
    response = "utter_contact_refused_unchanged"

    def __init__(self, rule: ContactRule) -> None:
        super().__init__(f"not changed: {rule}")
        self.rule = rule
