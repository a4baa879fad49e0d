"""Another way of paying for an order that is not packed: which one, what it means, a clear yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm
from actions.forms.questions import Confirmation
from actions.orders.cards import held_payments, refund_targets
from actions.orders.receipts import method_card, undo_choices
from actions.orders.words import names_a_gift_card
from actions.reply import Reply
from actions.returns.money import METHOD, Method, method_choices, purse_named, settle_method
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from actions.wording import plain_day
from crm.days import day_in_shop
from crm.effects.services import effect_of
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting
from crm.money import format_money
from crm.operations.models import OperationKind
from crm.operations.services import undo_time
from crm.orders.account import value_of_order
from crm.orders.models import Order
from crm.payments.changing_method import change_payment
from crm.payments.errors import MethodChangeRefused
from crm.payments.method_rules import method_refusal, other_purses
from crm.refunds.position import OrderPosition
from crm.refunds.services import position_of
from crm.returns.purses import Purse, payers
from crm.returns.reading import purses_of


@dataclass(frozen=True)
class _Ways:
    """What the order is worth, and the customer's ways of paying it: all, and those it is paid with now."""

    order: Order
    position: OrderPosition
    worth: int
    purses: list[Purse]
    barred: list[Purse]

    @classmethod
    async def of(cls, session: AsyncSession, order: Order) -> "_Ways":
        purses = await purses_of(session, order)
        position = await position_of(session, order)
        others = other_purses(order, purses)
        barred = [purse for purse in purses if purse not in others]
        return cls(order, position, value_of_order(order), purses, barred)

    def refusal(self, purse: Purse | None = None) -> MethodChangeRefused | None:
        refusal = method_refusal(self.order, self.worth, self.purses, purse)
        return None if refusal is None else MethodChangeRefused(refusal)


class ValidateChangePaymentForm(OwnOrderForm):
    """The order, its e-mail, a code sent there, the way of paying, and a yes."""

    action_name = "validate_change_payment_form"
    own_intents = frozenset({"change_payment_method"})
    questions = (*OWN_ORDER_QUESTIONS, Method(), Confirmation())

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        if draft.begins and not draft.turn.tapped:
            # Its words are made out when the customer is known.
            draft.set(METHOD, draft.turn.text[:1_000])
        elif METHOD in draft.answers:
            draft.set("confirmation", None)

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return (await _Ways.of(session, order)).refusal() is not None

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        ways = await _Ways.of(session, order)
        self._explain_a_card_with_too_little(draft, ways)
        question = settle_method(draft, ways.purses, ways.worth, order.currency, ways.barred)
        if question is not None:
            return question
        return await super().own_question(session, draft, order)

    def _explain_a_card_with_too_little(self, draft: Draft, ways: _Ways) -> None:
        """Somebody who wished for a gift card is not silently offered what else there is."""
        said = str(draft.slots.get(METHOD) or "")
        others = [purse for purse in ways.purses if purse not in ways.barred]
        cards = [purse for purse in others if purse.balance is not None]
        if len(cards) != 1 or cards[0] in payers(cards, ways.worth) or not names_a_gift_card(said):
            return
        currency = ways.order.currency
        draft.reply.say(
            "utter_method_holds_less",
            method=cards[0].label,
            balance=format_money(cards[0].balance or 0, currency),
            amount=format_money(ways.worth, currency),
        )
        draft.set(METHOD, None)


class AskNewMethod(SupportAction):
    """Offers the customer's other ways of paying that can pay all of it."""

    action_name = "action_ask_change_payment_form_return_method"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        ways = await _Ways.of(session, order)
        return Reply().say(
            "utter_ask_new_method",
            number=order.number,
            amount=format_money(ways.worth, order.currency),
            choices=method_choices(turn, ways.position, ways.purses, ways.worth, ways.barred),
        )


class AskPaymentConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_change_payment_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        ways = await _Ways.of(session, order)
        purse = purse_named(turn.slots, ways.purses, ways.worth)
        if purse is None:
            raise NotProven
        held = held_payments(order)
        taken_at = undo_time(OperationKind.CHANGE_PAYMENT, self.clock()) or self.clock()
        return Reply().say(
            "utter_payment_change_confirm" if held else "utter_payment_change_confirm_unpaid",
            number=order.number,
            amount=format_money(ways.worth, order.currency),
            method=purse.label,
            day=plain_day(day_in_shop(self.clock() if purse.is_gift_card else taken_at)),
            refund=format_money(sum(amount for _, amount in held), order.currency),
            refund_to=refund_targets(held, order.currency),
        )


class ChangePaymentAction(ConfirmedAction):
    """Lets another way pay on a yes, leaves it on a no, and says why not where a rule forbids it."""

    action_name = "action_change_payment"
    forgets = (*FORM_MEMORY, METHOD)
    left_alone = "utter_payment_left_alone"

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> MethodChangeRefused | None:
        return (await _Ways.of(session, order)).refusal()

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        done = await effect_of(session, turn_id=turn.turn_id, action="change_payment")
        ways = await _Ways.of(session, order)
        purse = purse_named(turn.slots, ways.purses, ways.worth)
        if done is None and purse is None:
            raise ways.refusal() or NotProven
        change = await change_payment(
            session,
            order=order,
            method_id=purse.method_id if purse else 0,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return Reply().say(
            "utter_payment_change_done" if change.paid_before else "utter_payment_change_done_unpaid",
            attachment=method_card(turn, change),
            choices=undo_choices(turn, order.number, change.undo_until),
            number=order.number,
            method=change.method,
            amount=format_money(change.amount, change.currency),
            refund_to=refund_targets(change.paid_before, change.currency),
        )
