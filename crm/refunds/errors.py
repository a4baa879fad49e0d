"""What can be wrong about asking for money back."""

from crm.errors import SupportError
from crm.refunds.rules import RefundRefusal, RefundRule
from crm.refunds.withdraw_rules import WithdrawRequestRefusal, WithdrawRequestRule


class RefundRefused(SupportError):
    """No money can be asked back for this; the response says by which rule."""

    status = 409

    def __init__(self, refusal: RefundRefusal) -> None:
        super().__init__(f"cannot be asked back: {refusal.rule}", **refusal.values)
        self.rule: RefundRule = refusal.rule
        self.response = f"utter_refund_refused_{refusal.rule}"


class RequestWithdrawalRefused(SupportError):
    """There is no request to withdraw; the response says by which rule."""

    status = 409

    def __init__(self, refusal: WithdrawRequestRefusal) -> None:
        super().__init__(f"cannot be withdrawn: {refusal.rule}", **refusal.values)
        self.rule: WithdrawRequestRule = refusal.rule
        self.response = f"utter_withdraw_request_refused_{refusal.rule}"


class RequestNotFound(SupportError):
    """No request has this reference."""

    status = 404


class RequestDecided(SupportError):
    """The request has been paid or declined already."""

    status = 409


class MoreThanHeld(SupportError):
    """So much of the order is no longer held: something went back since the request was made."""

    status = 409
