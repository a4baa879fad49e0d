"""Asking where the money of a return goes, or what pays for a dearer exchange."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.returns import exchange, start
from actions.returns.case import Case
from actions.returns.money import method_choices
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting
from crm.money import format_money
from crm.returns.services import Terms, terms_of


class AskMethod(SupportAction):
    """Offers the customer's own ways of paying that may take or pay it."""

    action_name = "action_ask_return_method"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        terms = self._terms(turn, case)
        return Reply().say(
            "utter_ask_return_method_to_pay" if terms.due > 0 else "utter_ask_return_method",
            amount=format_money(abs(terms.due), order.currency),
            choices=method_choices(turn, case.position, case.purses, terms.due),
        )

    def _terms(self, turn: CustomerTurn, case: Case) -> Terms:
        """What the form that asks comes to so far."""
        exchanging = turn.form == "exchange_item_form"
        now = self.clock()
        wish = exchange.wish_of(turn.slots, case) if exchanging else start.wish_of(turn.slots, case, now)
        if wish is None:
            raise NotProven
        return terms_of(case.position, case.goods, wish, case.purses, now)
