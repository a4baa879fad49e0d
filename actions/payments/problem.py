"""A payment that did not work or looks wrong: what the order says about it, or else the article."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft
from actions.forms.identity import ORDER_QUESTIONS, OrderForm
from actions.forms.questions import OneOf
from actions.orders.cards import refund_targets
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.escalations.models import Reason
from crm.identity.services import order_for_reading
from crm.money import format_money
from crm.orders.models import Order
from crm.payments.models import PaymentStatus
from crm.payments.rules import PaymentStanding, payment_standing

TROUBLE = "payment_trouble"
# What needs the order to answer; of a payment that was declined at the checkout there is none.
ABOUT_AN_ORDER, AT_THE_CHECKOUT = "order", "checkout"
TROUBLES = {
    ABOUT_AN_ORDER: (
        "twice",
        "double",
        "duplicate",
        "two payments",
        "two charges",
        "2 times",
        "two times",
        "pending",
        "my order",
        "wrong amount",
        "too much",
        "overcharged",
    ),
    AT_THE_CHECKOUT: ("declined", "rejected", "refused", "checkout", "not accepted", "no order"),
}


class ValidatePaymentProblemForm(OrderForm):
    """Asks for an order only where one is named, known, or needed for the answer."""

    action_name = "validate_payment_problem_form"
    own_intents = frozenset({"payment_problem"})
    questions = (*ORDER_QUESTIONS, OneOf(TROUBLE, TROUBLES, volunteered=True))

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        if "order_number" in draft.answers:
            draft.set(TROUBLE, ABOUT_AN_ORDER)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        trouble, known = draft.slots.get(TROUBLE), draft.slots.get("order_number")
        if trouble == ABOUT_AN_ORDER or (known and trouble is None):
            return await super().next_question(session, draft)
        return None


class PaymentProblemAction(SupportAction):
    """Says how the payments of the order stand; what we took twice goes to a person at once."""

    action_name = "action_payment_problem"
    forgets = ("form_problem", TROUBLE)

    def look_up(self, turn: CustomerTurn) -> Found:
        tapped = turn.label("utter_label_intent_payment_problem") or ""
        return Found(self.index.best_answer(tapped if turn.tapped else turn.text), self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number = turn.slots.get("order_number")
        if not number or turn.slots.get(TROUBLE) == AT_THE_CHECKOUT:
            return await self._generally(session, turn, found)
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        standing = payment_standing(order.total, order.payments)
        if standing is PaymentStanding.TAKEN_TWICE:
            too_much = format_money(_held(order) - order.total, order.currency)
            return await self.hand_over(
                session,
                turn,
                Reason.NEEDS_PERSON,
                "utter_payment_taken_twice",
                found,
                attachment=_card(turn, order),
                prepared={"taken_too_much": f"{too_much}, {order.number}"},
                number=order.number,
                too_much=too_much,
            )
        return Reply().say(f"utter_payment_{standing}", attachment=_card(turn, order), **_values(order))

    async def _generally(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        """What helps with a payment that belongs to no order yet."""
        if found.answer is None:
            return Reply().say("utter_payment_problem_generally")
        return (await self.answer(session, turn, found.answer)).say("utter_payment_problem_with_order")


def _values(order: Order) -> dict[str, Any]:
    taken = [(payment.label, payment.captured) for payment in order.payments if payment.captured]
    return {
        "number": order.number,
        "total": format_money(order.total, order.currency),
        "paid_with": refund_targets(taken, order.currency),
        "refunded": format_money(sum(payment.refunded for payment in order.payments), order.currency),
    }


def _held(order: Order) -> int:
    return sum(payment.refundable for payment in order.payments)


def _card(turn: CustomerTurn, order: Order) -> dict[str, Any]:
    """Each payment with what became of it."""
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_payment_receipt"),
        "reference": order.number,
        "lines": [
            {
                "label": payment.label,
                "value": turn.label(
                    f"utter_label_payment_{payment.status.value}",
                    amount=format_money(_of(payment), order.currency),
                ),
            }
            for payment in order.payments
        ],
    }


def _of(payment: Any) -> int:
    """The amount that the state of a payment is about."""
    if payment.status in (PaymentStatus.PARTLY_REFUNDED, PaymentStatus.REFUNDED):
        return int(payment.refunded)
    return int(payment.captured or payment.amount)
