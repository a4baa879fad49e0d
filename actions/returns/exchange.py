"""Other variants of what was delivered: which things, which variants, who pays a difference, a clear yes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import Draft
from actions.orders.cards import refund_targets
from actions.reply import Reply
from actions.returns.cards import return_card, send_by_words
from actions.returns.case import Case
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsForm
from actions.returns.items import ITEMS, all_written, item_choices, named, open_question, settle_items
from actions.returns.money import METHOD, Method, purse_named, settle_method
from actions.returns.variants import (
    VARIANT,
    Variant,
    next_part,
    settle_variants,
    variant_choices,
    wanted_variants,
)
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.money import format_money
from crm.orders.models import Order
from crm.policy import policy
from crm.returns.errors import ReturnRefused
from crm.returns.exchange_rules import exchange_refusal, swaps_of
from crm.returns.models import ReturnReason
from crm.returns.purses import purse_refusal
from crm.returns.receipts import ReturnReceipt
from crm.returns.rules import return_refusal
from crm.returns.services import Terms, Wish, announce_return, announced_in, goes_to, terms_of

_GENERAL = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)?(?:how (?:do (?:you|exchanges)|does|long|much|many)\b"
    r"|do (?:you|i have|i send)\b|does\b|is (?:it|exchanging|changing|swapping)\b|what\b|if\b|who pays\b)"
    r"|\bexchange (?:costs?|policy|fees?)\b",
    re.I,
)
_OWN = re.compile(r"\b(?:my|these|this|those|bought|received|ordered|mine)\b", re.I)


class ValidateExchangeItemForm(GoodsForm):
    """The order, what of it, the variants wanted for it, a code, who pays a difference, and a yes."""

    action_name = "validate_exchange_item_form"
    own_intents = frozenset({"exchange_item"})
    questions = (*GOODS_QUESTIONS, Variant(), Method())
    told_at_first = (ITEMS, VARIANT)
    corrected_later = (METHOD,)

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return refused_exchange(await Case.of(session, order), slots, self.clock())

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if draft.begins and asks_in_general(draft.turn):
            return None
        return await super().next_question(session, draft)

    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await Case.of(session, order)
        settle_items(draft, case.position, case.offered)
        question = open_question(draft.slots, case.position, case.offered)
        if question is not None:
            return question
        parts = case.parts(draft.slots) or []
        settle_variants(draft, case, parts)
        return None if next_part(draft.slots, case, parts) is None else VARIANT

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await Case.of(session, order)
        due = _due(draft.slots, case)
        question = settle_method(draft, case.purses, due, order.currency, position=case.position)
        if question is not None:
            return question
        if refused_method(case, draft.slots) is not None:
            return None
        return await super().own_question(session, draft, order)


class AskExchangeItems(SupportAction):
    """Offers the things of the order."""

    action_name = "action_ask_exchange_item_form_order_items"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        return Reply().say("utter_ask_exchange_item", choices=item_choices(turn, case.position, case.offered))


class AskVariant(SupportAction):
    """Offers the variants of the next thing that are there, each with its price."""

    action_name = "action_ask_exchange_item_form_wanted_variant"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        part = next_part(turn.slots, case, case.parts(turn.slots) or [])
        if part is None:
            raise NotProven
        return Reply().say(
            "utter_ask_wanted_variant",
            item=case.position.line(part.line_id).name,
            choices=variant_choices(turn, case, part),
        )


class AskExchangeConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_exchange_item_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        wish = wish_of(turn.slots, case)
        if wish is None:
            raise NotProven
        terms = terms_of(case.position, case.goods, wish, case.purses, self.clock())
        return Reply().say(
            _confirmation(terms),
            number=order.number,
            items=all_written(named(case.position, wish.parts)),
            wanted=all_written((swap.name, swap.quantity) for swap in terms.swaps),
            by=send_by_words(turn, order, self.clock()),
            difference=format_money(abs(terms.difference), order.currency),
            pays=terms.purse.label if terms.purse else None,
            refund_to=refund_targets(goes_to(case.position, terms), order.currency),
        )


class ExchangeItemAction(ConfirmedAction):
    """Announces the exchange and shows its receipt; answers who only asks how exchanges work."""

    action_name = "action_exchange_item"
    forgets = (*GOODS_MEMORY, VARIANT, METHOD)
    left_alone = "utter_exchange_left_alone"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(self.index.best_answer(turn.text)) if asks_in_general(turn) else Found()

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if not asks_in_general(turn):
            return await super().perform(session, turn, found)
        if found.answer is None:
            return Reply().say("utter_exchange_generally", days=policy().returns.days)
        return (await self.answer(session, turn, found.answer)).say("utter_exchange_start")

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        case = await Case.of(session, order)
        return refused_exchange(case, slots, self.clock()) or refused_method(case, slots)

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        receipt = await announced_in(session, turn.turn_id)
        if receipt is None:
            wish = wish_of(turn.slots, await Case.of(session, order))
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
        return _done(turn, receipt)


def asks_in_general(turn: CustomerTurn) -> bool:
    """Whether the customer asks how exchanges work, and not for one: that needs no order."""
    own = turn.entity("order_number") is not None or _OWN.search(turn.text) is not None
    return not own and _GENERAL.search(turn.text) is not None


def refused_exchange(case: Case, slots: Mapping[str, Any], now: datetime) -> ReturnRefused | None:
    """Why what the slots name cannot be exchanged, as far as they name it; the money apart."""
    parts = case.parts(slots)
    refusal = return_refusal(case.position, case.goods, now, parts=parts) or exchange_refusal(
        case.position, case.goods, parts, wanted_variants(slots, case, parts or [])
    )
    return ReturnRefused(refusal) if refusal else None


def refused_method(case: Case, slots: Mapping[str, Any]) -> ReturnRefused | None:
    """Why nothing can settle the difference of what the slots name."""
    due = _due(slots, case)
    refusal = purse_refusal(case.position, purse_named(slots, case.purses, due), due, case.purses)
    return ReturnRefused(refusal) if refusal else None


def wish_of(slots: Mapping[str, Any], case: Case) -> Wish | None:
    """What the slots name; None where they do not name all of it."""
    parts = case.parts(slots)
    if not parts:
        return None
    wanted = wanted_variants(slots, case, parts)
    if len(wanted) < len(parts):
        return None
    purse = purse_named(slots, case.purses, _due(slots, case))
    return Wish(
        tuple(parts),
        ReturnReason.OTHER_SIZE,
        wanted=tuple(wanted[part.line_id] for part in parts),
        method_id=None if purse is None else purse.method_id,
    )


def _due(slots: Mapping[str, Any], case: Case) -> int:
    """What the exchange that the slots name costs more; 0 where they do not name all of it."""
    parts = case.parts(slots) or []
    wanted = wanted_variants(slots, case, parts)
    if len(wanted) < len(parts):
        return 0
    return sum(swap.difference for swap in swaps_of(case.position, case.goods, parts, wanted))


def _confirmation(terms: Terms) -> str:
    if terms.difference == 0:
        return "utter_exchange_confirm"
    return "utter_exchange_confirm_dearer" if terms.difference > 0 else "utter_exchange_confirm_cheaper"


def _done(turn: CustomerTurn, receipt: ReturnReceipt) -> Reply:
    return Reply().say(
        "utter_exchange_done",
        attachment=return_card(turn, receipt),
        reference=receipt.reference,
        wanted=all_written(receipt.wanted),
    )
