"""Sending something back for money: which things, why, where to, a clear yes, and the steps by e-mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import Draft
from actions.forms.questions import OneOf
from actions.orders.cards import refund_targets
from actions.reply import Reply
from actions.returns.cards import return_card, send_by_words
from actions.returns.case import Case
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsForm, ToldAtFirst
from actions.returns.items import (
    ITEMS,
    all_written,
    item_choices,
    named,
    open_question,
    piece_choices,
    settle_items,
)
from actions.returns.money import METHOD, Method, purse_named, settle_method
from actions.returns.words import RETURN_REASONS, SEALS
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.money import format_money
from crm.orders.models import Order
from crm.refunds.services import position_of
from crm.returns.errors import ReturnRefused
from crm.returns.models import Postage, ReturnReason
from crm.returns.rules import postage_for, return_refusal, return_value
from crm.returns.services import Wish, announce_return, announced_in, goes_to, terms_of

REASON, SEALED = "return_reason", "return_sealed"


class ValidateStartReturnForm(GoodsForm):
    """The order, which things, why, a code, where the money goes, and a yes."""

    action_name = "validate_start_return_form"
    own_intents = frozenset({"start_return"})
    questions = (*GOODS_QUESTIONS, ToldAtFirst(REASON, RETURN_REASONS), OneOf(SEALED, SEALS), Method())
    corrected_later = (METHOD,)

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return refused_return(await Case.of(session, order), slots, self.clock())

    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await Case.of(session, order)
        settle_items(draft, case.position, case.offered)
        question = open_question(draft.slots, case.position, case.offered)
        if question is not None:
            return question
        if case.needs_seal(case.parts(draft.slots)) and not draft.slots.get(SEALED):
            return SEALED
        return None if draft.slots.get(REASON) else REASON

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await Case.of(session, order)
        due = -return_value(case.position, case.parts(draft.slots) or [], self.clock())
        question = settle_method(draft, case.purses, due, order.currency, position=case.position)
        return question or await super().own_question(session, draft, order)


class AskReturnItems(SupportAction):
    """Offers the things of the order that can go back."""

    action_name = "action_ask_start_return_form_order_items"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        return Reply().say("utter_ask_return_items", choices=item_choices(turn, case.position, case.offered))


class AskPieces(SupportAction):
    """How many of the chosen thing; the forms for an exchange and for money back ask the same."""

    action_name = "action_ask_order_pieces"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        line = (await position_of(session, order)).lines[int(turn.slots[ITEMS]) - 1]
        return Reply().say("utter_ask_order_pieces", item=line.name, choices=piece_choices(line.left))


class AskReturnConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_start_return_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        wish = wish_of(turn.slots, case, self.clock())
        if wish is None:
            raise NotProven
        terms = terms_of(case.position, case.goods, wish, case.purses, self.clock())
        free = postage_for(case.position) is Postage.FREE_LABEL
        return Reply().say(
            "utter_return_confirm" if free else "utter_return_confirm_abroad",
            number=order.number,
            items=all_written(named(case.position, wish.parts)),
            by=send_by_words(turn, order, self.clock()),
            refund=format_money(terms.amount, order.currency),
            refund_to=refund_targets(goes_to(case.position, terms), order.currency),
        )


class StartReturnAction(ConfirmedAction):
    """Announces the return and shows its receipt."""

    action_name = "action_start_return"
    forgets = (*GOODS_MEMORY, REASON, SEALED, METHOD)
    left_alone = "utter_return_left_alone"

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return refused_return(await Case.of(session, order), slots, self.clock())

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        receipt = await announced_in(session, turn.turn_id)
        if receipt is None:
            case = await Case.of(session, order)
            wish = wish_of(turn.slots, case, self.clock())
            if wish is None:
                raise await self.refusal(session, turn.slots, order) or NotProven
            receipt = await announce_return(
                session,
                order=order,
                wish=wish,
                conversation_id=turn.conversation_id,
                turn_id=turn.turn_id,
                now=self.clock(),
            )
        free = receipt.postage is Postage.FREE_LABEL
        return Reply().say(
            "utter_return_done" if free else "utter_return_done_abroad",
            attachment=return_card(turn, receipt),
            reference=receipt.reference,
        )


def refused_return(case: Case, slots: Mapping[str, Any], now: datetime) -> ReturnRefused | None:
    """Why what the slots name cannot be sent back, as far as they name it."""
    refusal = return_refusal(
        case.position,
        case.goods,
        now,
        parts=case.parts(slots),
        reason=reason_of(slots),
        opened=opened_of(slots),
    )
    return ReturnRefused(refusal) if refusal else None


def wish_of(slots: Mapping[str, Any], case: Case, now: datetime) -> Wish | None:
    """What the slots name; None where they do not name all of it."""
    parts, reason = case.parts(slots), reason_of(slots)
    if not parts or reason is None:
        return None
    purse = purse_named(slots, case.purses, -return_value(case.position, parts, now))
    return Wish(tuple(parts), reason, opened_of(slots), method_id=None if purse is None else purse.method_id)


def reason_of(slots: Mapping[str, Any]) -> ReturnReason | None:
    reason = slots.get(REASON)
    return ReturnReason(reason) if reason in RETURN_REASONS else None


def opened_of(slots: Mapping[str, Any]) -> bool | None:
    """Whether the goods are opened, by the customer's word; None where it was not asked."""
    said = slots.get(SEALED)
    return None if said is None else said != "sealed"
