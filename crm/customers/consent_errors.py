"""What can be wrong about a consent to news."""

from crm.customers.consent_rules import ConsentRule
from crm.errors import SupportError


class ConsentUnchanged(SupportError):
    """It is so already; the response says which way."""

    status = 409

    def __init__(self, rule: ConsentRule) -> None:
        super().__init__(f"consent not changed: {rule}")
        self.rule = rule
        self.response = f"utter_newsletter_{rule}"
