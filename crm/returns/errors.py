"""What can be wrong about sending something back."""

from crm.errors import SupportError
from crm.returns.rules import ReturnRefusal, ReturnRule
from crm.returns.withdraw_rules import WithdrawRefusal, WithdrawRule


class ReturnRefused(SupportError):
    """This cannot be sent back, or not exchanged; the response says by which rule."""

    status = 409

    def __init__(self, refusal: ReturnRefusal) -> None:
        super().__init__(f"cannot be sent back: {refusal.rule}", **refusal.values)
        self.rule: ReturnRule = refusal.rule
        self.response = f"utter_return_refused_{refusal.rule}"


class WithdrawalRefused(SupportError):
    """There is no return to take back; the response says by which rule."""

    status = 409

    def __init__(self, refusal: WithdrawRefusal) -> None:
        super().__init__(f"cannot be taken back: {refusal.rule}", **refusal.values)
        self.rule: WithdrawRule = refusal.rule
        self.response = f"utter_withdraw_refused_{refusal.rule}"


class ReturnNotFound(SupportError):
    """The order has no return of this reference."""

    status = 404


class ReturnClosed(SupportError):
    """The return was settled or withdrawn before."""

    status = 409


class NotAnnounced(SupportError):
    """So many pieces of it were not to come back, or none are said to be here."""

    status = 409
