"""What can be wrong about payments and invoices."""

from crm.errors import SupportError
from crm.payments.method_rules import MethodRefusal, MethodRule
from crm.payments.rules import InvoiceRule


class InvoiceRefused(SupportError):
    """No invoice is sent for this order; the response says by which rule."""

    status = 409

    def __init__(self, rule: InvoiceRule, order_number: str) -> None:
        super().__init__(f"no invoice: {rule}", order_number=order_number)
        self.rule = rule
        self.response = f"utter_invoice_refused_{rule}"


class MethodUnknown(SupportError):
    """The customer has no such way of paying on file."""

    status = 404
    response = "utter_payment_method_unknown"


class MethodChangeRefused(SupportError):
    """The order stays paid as it is; the response says by which rule."""

    status = 409

    def __init__(self, refusal: MethodRefusal) -> None:
        super().__init__(f"payment not changed: {refusal.rule}", **refusal.values)
        self.rule: MethodRule = refusal.rule
        self.response = f"utter_method_refused_{refusal.rule}"
