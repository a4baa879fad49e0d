"""Sending something back for money: which things, why, a clear yes, and the instructions by e-mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft
from actions.forms.questions import OneOf
from actions.orders.cards import refund_targets
from actions.reply import Reply
from actions.returns.cards import return_card
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsAction, GoodsForm, ToldAtFirst
from actions.returns.items import (
    ITEMS,
    all_written,
    item_choices,
    named,
    open_question,
    parts_of,
    piece_choices,
    settle_items,
)
from actions.returns.words import RETURN_REASONS, SEALS
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.money import format_money
from crm.orders.models import Order
from crm.refunds.position import OrderPosition, Part, split
from crm.refunds.services import position_of
from crm.returns.errors import ReturnRefused
from crm.returns.models import Postage, ReturnReason
from crm.returns.rules import (
    Goods,
    Returnability,
    postage_for,
    return_refusal,
    return_value,
    returnable,
)
from crm.returns.services import Wish, announce_return, announced_in, goods_of

REASON, SEALED = "return_reason", "return_sealed"


class ValidateStartReturnForm(GoodsForm):
    """The order, which things, why, a code, and a yes."""

    action_name = "validate_start_return_form"
    own_intents = frozenset({"start_return"})
    questions = (*GOODS_QUESTIONS, ToldAtFirst(REASON, RETURN_REASONS), OneOf(SEALED, SEALS))

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return await refused_return(session, slots, order, self.clock())

    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await Case.of(session, order)
        settle_items(draft, case.position, case.offered)
        question = open_question(draft.slots, case.position, case.offered)
        if question is not None:
            return question
        if case.needs_seal(case.parts(draft.slots)) and not draft.slots.get(SEALED):
            return SEALED
        return None if draft.slots.get(REASON) else REASON


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
        parts = case.parts(turn.slots) or []
        amount = return_value(case.position, parts, self.clock())
        goes_to = [(to.label, to.amount) for to in split(amount, case.position.held)]
        free = postage_for(case.position) is Postage.FREE_LABEL
        return Reply().say(
            "utter_return_confirm" if free else "utter_return_confirm_abroad",
            number=order.number,
            items=all_written(named(case.position, parts)),
            refund=format_money(amount, order.currency),
            refund_to=refund_targets(goes_to, order.currency),
        )


class StartReturnAction(GoodsAction):
    """Announces the return and shows its receipt."""

    action_name = "action_start_return"
    forgets = (*GOODS_MEMORY, REASON, SEALED)
    left_alone = "utter_return_left_alone"

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ReturnRefused | None:
        return await refused_return(session, slots, order, self.clock())

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        case = await Case.of(session, order)
        parts, reason = case.parts(turn.slots), reason_of(turn.slots)
        receipt = await announced_in(session, turn.turn_id)
        if receipt is None:
            if not parts or reason is None:
                raise await self.refusal(session, turn.slots, order) or NotProven
            receipt = await announce_return(
                session,
                order=order,
                wish=Wish(tuple(parts), reason, opened_of(turn.slots)),
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


@dataclass(frozen=True)
class Case:
    """An order as the rules for returns see it."""

    position: OrderPosition
    goods: Mapping[int, Goods]

    @classmethod
    async def of(cls, session: AsyncSession, order: Order) -> "Case":
        return cls(await position_of(session, order), await goods_of(session, order))

    @property
    def offered(self) -> tuple[Part, ...]:
        return returnable(self.position, self.goods)

    def parts(self, slots: Mapping[str, Any]) -> list[Part] | None:
        return parts_of(slots, self.position, self.offered)

    def needs_seal(self, parts: Sequence[Part] | None) -> bool:
        """Whether one of these things comes back only sealed."""
        return any(self.goods[part.line_id].returnability is Returnability.SEALED for part in parts or ())


async def refused_return(
    session: AsyncSession, slots: Mapping[str, Any], order: Order, now: datetime
) -> ReturnRefused | None:
    """Why what the slots name cannot be sent back, as far as they name it."""
    case = await Case.of(session, order)
    refusal = return_refusal(
        case.position,
        case.goods,
        now,
        parts=case.parts(slots),
        reason=reason_of(slots),
        opened=opened_of(slots),
    )
    return ReturnRefused(refusal) if refusal else None


def reason_of(slots: Mapping[str, Any]) -> ReturnReason | None:
    reason = slots.get(REASON)
    return ReturnReason(reason) if reason in RETURN_REASONS else None


def opened_of(slots: Mapping[str, Any]) -> bool | None:
    """Whether the goods are opened, by the customer's word; None where it was not asked."""
    said = slots.get(SEALED)
    return None if said is None else said != "sealed"
