"""What can be wrong about sending something back."""

from crm.errors import SupportError
from crm.returns.rules import ReturnRefusal, ReturnRule


class ReturnRefused(SupportError):
    """This cannot be sent back, or not exchanged; the response says by which rule."""

    status = 409

    def __init__(self, refusal: ReturnRefusal) -> None:
        super().__init__(f"cannot be sent back: {refusal.rule}", **refusal.values)
        self.rule: ReturnRule = refusal.rule
        self.response = f"utter_return_refused_{refusal.rule}"
