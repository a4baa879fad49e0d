"""Finding an order without its number: by what was in it, or by when it was placed."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import FreeText
from actions.orders.cards import order_choices, orders_card
from actions.orders.status import status_reply
from actions.reply import REQUESTED_SLOT, Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, is_activation
from crm.customers.models import Customer
from crm.days import day_in_shop
from crm.identity.services import customer_for_reading
from crm.orders.dates import spans_in
from crm.orders.finding import hint_in, orders_meant
from crm.orders.models import Order
from crm.orders.services import orders_of

HINT = "order_hint_text"
LOOKED_THROUGH = 200
SHOWN = 5
# Only whether there is a day in the text is asked, not which.
_ANY_DAY = date(2100, 1, 1)


class OrderHint(FreeText):
    """What the customer remembers of the order; the message that begins the form may say it already."""

    def __init__(self) -> None:
        super().__init__(HINT, most=300)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        return super().read(turn, asked or is_activation(turn.events))

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        """Small talk it may sound like; a day in it makes it an answer."""
        return super().is_passed_over(turn) and not spans_in(turn.text[: self.most], _ANY_DAY)


class ValidateFindOrderForm(AccountForm):
    """Whose order, and something about it, unless the first message says enough to find it."""

    action_name = "validate_find_order_form"
    own_intents = frozenset({"find_order"})
    questions = (*ACCOUNT_QUESTIONS, OrderHint())
    acts = False

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        orders = await orders_of(session, customer.id, LOOKED_THROUGH)
        answered = draft.asked == HINT and HINT in draft.answers
        if not orders or answered or self._meant(draft.slots.get(HINT), orders):
            return None
        draft.set(HINT, None)
        return HINT

    def without_answer(self, turn: CustomerTurn, asked: str) -> Reply:
        """Who remembers nothing is shown the newest orders."""
        if asked == HINT and turn.intent == "deny":
            return Reply().remember(**{HINT: turn.text, REQUESTED_SLOT: None})
        return super().without_answer(turn, asked)

    def _meant(self, hint: Any, orders: list[Order]) -> list[Order]:
        return orders_meant(hint_in(str(hint), day_in_shop(self.clock())), orders) if hint else []


class AskOrderHint(SupportAction):
    """What was in it, or when: in words, or as a day picked from a calendar."""

    action_name = "action_ask_order_hint_text"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        customer = await customer_for_reading(session, turn.conversation_id, self.clock())
        orders = await orders_of(session, customer.id, LOOKED_THROUGH)
        days = [day_in_shop(order.placed_at) for order in orders] or [day_in_shop(self.clock())]
        return Reply().say(
            "utter_ask_order_hint_text",
            attachment={
                "kind": "date_picker",
                "earliest": min(days).isoformat(),
                "latest": day_in_shop(self.clock()).isoformat(),
            },
        )


class FindOrder(SupportAction):
    """One order is told about; several are a choice; where none fits, the newest are."""

    action_name = "action_find_order"
    forgets = (*FORM_MEMORY, HINT)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        now = self.clock()
        customer = await customer_for_reading(session, turn.conversation_id, now)
        orders = await orders_of(session, customer.id, LOOKED_THROUGH)
        if not orders:
            return Reply().say("utter_no_orders")
        meant = orders_meant(hint_in(str(turn.slots.get(HINT) or ""), day_in_shop(now)), orders)
        if len(meant) == 1:
            return status_reply(turn, meant[0], now).remember(order_number=meant[0].number)
        shown = (meant or orders)[:SHOWN]
        return Reply().say(
            "utter_orders_found" if meant else "utter_no_order_found",
            attachment=orders_card(turn, shown),
            choices=order_choices(turn, shown, "order_status"),
        )
