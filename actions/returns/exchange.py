"""The same thing in another size: which thing, which size, a clear yes; the wish is recorded."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft
from actions.forms.questions import SMALLTALK, Question
from actions.reply import Reply, choice
from actions.returns.cards import return_card
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsAction, GoodsForm
from actions.returns.items import (
    ITEMS,
    all_written,
    item_choices,
    named,
    open_question,
    settle_items,
)
from actions.returns.start import Case
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.orders.models import Order
from crm.refunds.position import Part
from crm.returns.choosing import means_other_colour, meant_size
from crm.returns.errors import ReturnRefused
from crm.returns.models import ReturnReason
from crm.returns.rules import exchange_refusal, return_refusal, sizes_in_stock
from crm.returns.services import Wish, announce_return, announced_in

SIZE = "wanted_size"
# What the slot holds where it is no size that is wanted.
OTHER_COLOUR = "other colour"
_FEW_WORDS = 6
_GENERAL = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)?(?:how (?:do (?:you|exchanges)|does|long|much|many)\b"
    r"|do (?:you|i have|i send)\b|does\b|is (?:it|exchanging|changing|swapping)\b|what\b|if\b|who pays\b)"
    r"|\bexchange (?:costs?|policy|fees?)\b",
    re.I,
)
_OWN = re.compile(r"\b(?:my|these|this|those|bought|received|ordered|mine)\b", re.I)


class Size(Question):
    """A size, tapped or in words; what the words mean is known only with the thing."""

    def __init__(self) -> None:
        super().__init__(SIZE)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(SIZE)
        if tapped is not None or turn.tapped or not asked:
            return tapped
        return None if turn.intent in {"affirm", "deny"} else turn.text

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        few = len(turn.text.split()) <= _FEW_WORDS and turn.intent not in SMALLTALK
        return "?" in turn.text or not few


class ValidateExchangeItemForm(GoodsForm):
    """The order, one thing of it, the size it should have, a code, and a yes."""

    action_name = "validate_exchange_item_form"
    own_intents = frozenset({"exchange_item"})
    questions = (*GOODS_QUESTIONS, Size())
    told_at_first = (ITEMS, SIZE)

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
        if "," in str(draft.slots.get(ITEMS) or ""):
            draft.reject(ITEMS, "utter_exchange_one_at_a_time")
        question = open_question(draft.slots, case.position, case.offered)
        if question is not None:
            return question
        for part in case.parts(draft.slots) or []:
            _settle_size(draft, case, part)
        return None if draft.slots.get(SIZE) else SIZE


class AskExchangeItem(SupportAction):
    """Offers the things of the order, one at a time."""

    action_name = "action_ask_exchange_item_form_order_items"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        choices = item_choices(turn, case.position, case.offered, several=False)
        return Reply().say("utter_ask_exchange_item", choices=choices)


class AskSize(SupportAction):
    """Offers the sizes that are there."""

    action_name = "action_ask_exchange_item_form_wanted_size"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        parts = case.parts(turn.slots)
        if not parts:
            raise NotProven
        part = parts[0]
        sizes = sizes_in_stock(case.goods[part.line_id], part.quantity)
        return Reply().say(
            "utter_ask_wanted_size",
            item=case.position.line(part.line_id).name,
            choices=[choice(size, **{SIZE: size}) for size in sizes],
        )


class AskExchangeConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_exchange_item_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await Case.of(session, order)
        items = all_written(named(case.position, case.parts(turn.slots) or []))
        return Reply().say(
            "utter_exchange_confirm", number=order.number, items=items, size=turn.slots.get(SIZE)
        )


class ExchangeItemAction(GoodsAction):
    """Announces the exchange and shows its receipt; answers who only asks how exchanges work."""

    action_name = "action_exchange_item"
    forgets = (*GOODS_MEMORY, SIZE)
    left_alone = "utter_exchange_left_alone"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(self.index.best_answer(turn.text)) if asks_in_general(turn) else Found()

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if not asks_in_general(turn):
            return await super().perform(session, turn, found)
        if found.answer is None:
            return Reply().say("utter_exchange_generally")
        return (await self.answer(session, turn, found.answer)).say("utter_exchange_start")

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return refused_exchange(await Case.of(session, order), slots, self.clock())

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        receipt = await announced_in(session, turn.turn_id)
        if receipt is None:
            case = await Case.of(session, order)
            parts = case.parts(turn.slots)
            size = size_of(turn.slots, case, parts)
            if not parts or size is None:
                raise await self.refusal(session, turn.slots, order) or NotProven
            receipt = await announce_return(
                session,
                order=order,
                wish=Wish(tuple(parts), ReturnReason.OTHER_SIZE, size=size),
                conversation_id=turn.conversation_id,
                turn_id=turn.turn_id,
                now=self.clock(),
            )
        return Reply().say(
            "utter_exchange_done",
            attachment=return_card(turn, receipt),
            reference=receipt.reference,
            size=receipt.size,
        )


def asks_in_general(turn: CustomerTurn) -> bool:
    """Whether the customer asks how exchanges work, and not for one: that needs no order."""
    own = turn.entity("order_number") is not None or _OWN.search(turn.text) is not None
    return not own and _GENERAL.search(turn.text) is not None


def refused_exchange(case: Case, slots: Mapping[str, Any], now: datetime) -> ReturnRefused | None:
    """Why what the slots name cannot be exchanged, as far as they name it."""
    parts = case.parts(slots)
    refusal = return_refusal(case.position, case.goods, now, parts=parts) or exchange_refusal(
        case.position,
        case.goods,
        parts[0] if parts else None,
        size_of(slots, case, parts),
        other_colour=slots.get(SIZE) == OTHER_COLOUR,
    )
    return ReturnRefused(refusal) if refusal else None


def size_of(slots: Mapping[str, Any], case: Case, parts: Sequence[Part] | None) -> str | None:
    """The size the slots name, where it is one of the thing's; a first message's words are none yet."""
    said = slots.get(SIZE)
    return said if parts and said in case.goods[parts[0].line_id].sizes else None


def _settle_size(draft: Draft, case: Case, part: Part) -> None:
    """Turn what was said into a size that is there; say so where there is none, or it is not clear."""
    said, goods = draft.slots.get(SIZE), case.goods[part.line_id]
    there = sizes_in_stock(goods, part.quantity)
    if said is None or said == OTHER_COLOUR or said in there:
        return
    asked = draft.asked == SIZE and SIZE in draft.answers
    size = meant_size(str(said), goods, asked=asked)
    if size in there:
        draft.set(SIZE, size)
    elif size is None and means_other_colour(str(said), goods):
        draft.set(SIZE, OTHER_COLOUR)
    elif size is not None:
        draft.reject(SIZE, "utter_size_not_there", size=size)
    elif asked:
        draft.reject(SIZE, "utter_invalid_wanted_size")
    else:
        draft.set(SIZE, None)
