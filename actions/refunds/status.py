"""Where the money of an order is; reading only."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.identity import OrderForm
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from actions.wording import spoken_day
from crm.days import full_day
from crm.identity.errors import NotProven
from crm.identity.services import order_for_reading
from crm.money import format_money
from crm.orders.models import Order, OrderStatus
from crm.refunds.services import cards_named, requests_of, returns_of
from crm.refunds.whereabouts import Money, money_of


class ValidateRefundStatusForm(OrderForm):
    """Which order, and whose."""

    action_name = "validate_refund_status_form"
    own_intents = frozenset({"refund_status"})


class RefundStatusAction(SupportAction):
    """Says where the money is that matters most, and lists all of it."""

    action_name = "action_refund_status"
    forgets = ("form_problem",)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number = turn.slots.get("order_number")
        if not number:
            raise NotProven
        now = self.clock()
        order = await order_for_reading(session, turn.conversation_id, number, now)
        refunds = [refund for payment in order.payments for refund in payment.refunds]
        money = money_of(
            order,
            await requests_of(session, order.id),
            await returns_of(session, order.id),
            await cards_named(session, refunds),
            now,
        )
        if not money:
            return Reply().say(_nothing(order), number=order.number)
        first = money[0]
        return Reply().say(
            f"utter_refund_status_{first.where}",
            attachment=_card(turn, order, money),
            number=order.number,
            amount=format_money(first.amount, order.currency),
            since=spoken_day(turn, first.since, now),
            due=spoken_day(turn, first.due, now) if first.due else None,
            refund_to=first.label,
            reference=first.reference,
        )


def _nothing(order: Order) -> str:
    """Why no money is under way: never taken, given back long ago by hand, still to be sent back, or kept."""
    if not any(payment.captured for payment in order.payments):
        return "utter_refund_status_never_paid"
    if order.status is OrderStatus.CANCELLED:
        return "utter_refund_status_cancelled_unrefunded"
    return "utter_refund_status_none"


def _card(turn: CustomerTurn, order: Order, money: list[Money]) -> dict[str, Any]:
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_refund_status_receipt"),
        "reference": order.number,
        "lines": [
            {"label": turn.label(f"utter_label_refund_where_{each.where}"), "value": _written(order, each)}
            for each in money
        ],
    }


def _written(order: Order, money: Money) -> str:
    """`£59.90, Visa ending 4242, 3 November 2026`."""
    parts = [format_money(money.amount, order.currency), money.label, money.reference, full_day(money.since)]
    return ", ".join(part for part in parts if part)
