"""The invoice of an order, by e-mail to the address it was placed with."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.identity import OrderForm
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_reading
from crm.invoices.services import SentInvoice, send_invoice
from crm.money import format_money


class ValidateGetInvoiceForm(OrderForm):
    """Which order, and whose; no code, since the mail goes to the address on the order alone."""

    action_name = "validate_get_invoice_form"
    own_intents = frozenset({"get_invoice"})


class GetInvoiceAction(SupportAction):
    """Mails the invoice, or says why there is none."""

    action_name = "action_get_invoice"
    forgets = ("form_problem",)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number = turn.slots.get("order_number")
        if not number:
            raise NotProven
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        sent = await send_invoice(
            session,
            order=order,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return Reply().say("utter_invoice_sent", attachment=_card(turn, sent), number=order.number)


def _card(turn: CustomerTurn, sent: SentInvoice) -> dict[str, Any]:
    rows = [
        ("utter_label_invoice_order", sent.order_number),
        ("utter_label_invoice_total", format_money(sent.total, sent.currency)),
        ("utter_label_invoice_vat", format_money(sent.vat, sent.currency)),
    ]
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_invoice_receipt"),
        "reference": sent.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows],
    }
