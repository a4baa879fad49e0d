"""Changing items of an order that is not packed: which, what they become, who pays or gets the difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import Draft
from actions.forms.questions import begins_a_correction
from actions.orders.cards import order_card, refund_targets
from actions.orders.receipts import counted, items_card, undo_choices
from actions.orders.words import means_other_change
from actions.reply import Reply
from actions.returns.case import Case
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsForm
from actions.returns.items import ITEMS, item_choices, open_question, settle_items, written
from actions.returns.money import METHOD, Method, method_choices, purse_named, settle_method
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
from actions.wording import plain_day
from crm.effects.services import effect_of
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.money import format_money
from crm.orders.change_rules import (
    ChangeRefusal,
    Circumstances,
    NewVariant,
    change_refusal,
    changeable_lines,
    difference_of,
    new_variants,
    settling_refusal,
)
from crm.orders.changing_items import change_items, circumstances_of
from crm.orders.errors import ChangeRefused
from crm.orders.models import Order
from crm.orders.rules import instead_of_changing, may_be_cancelled, return_until
from crm.refunds.position import Part, split

WISH = "change_wish"
OTHER_WISH = "other"


@dataclass(frozen=True)
class PendingCase(Case):
    """An order whose lines, or pieces of them, can still become other variants."""

    order: Order
    circumstances: Circumstances

    @classmethod
    async def of(cls, session: AsyncSession, order: Order) -> "PendingCase":
        case = await Case.of(session, order)
        circumstances = await circumstances_of(session, order)
        return cls(case.position, case.goods, case.purses, order, circumstances)

    @property
    def offered(self) -> tuple[Part, ...]:
        return tuple(Part(line.id, line.quantity) for line in changeable_lines(self.order, self.goods))

    def wanted(self, slots: Mapping[str, Any]) -> dict[int, int]:
        """The variants the slots name, by line, as far as they are chosen."""
        return wanted_variants(slots, self, self.parts(slots) or [])

    def pieces(self, slots: Mapping[str, Any]) -> dict[int, int]:
        """How many of each line the slots name, as far as they do."""
        return {part.line_id: part.quantity for part in self.parts(slots) or []}

    def changes(self, slots: Mapping[str, Any]) -> tuple[NewVariant, ...]:
        """What the lines become; nothing where the slots do not name all of it."""
        pieces, wanted = self.pieces(slots), self.wanted(slots)
        others = all(self.goods[line_id].choice(variant_id) for line_id, variant_id in wanted.items())
        whole = others and len(wanted) == len(pieces)
        return new_variants(self.order, self.goods, wanted, pieces) if whole else ()

    def due(self, slots: Mapping[str, Any]) -> int:
        """What has to be paid, negative where money goes back; what was never taken goes nowhere."""
        due = difference_of(self.changes(slots))
        return due if due > 0 or self.position.held_total else 0

    def refusal(self, slots: Mapping[str, Any]) -> ChangeRefused | None:
        """Why what the slots name cannot be, as far as they name it; the money apart."""
        wanted, pieces = self.wanted(slots), self.pieces(slots)
        return _refused(change_refusal(self.order, self.goods, wanted, self.circumstances, pieces))

    def money_refusal(self, slots: Mapping[str, Any]) -> ChangeRefused | None:
        """Why nothing can settle the difference of what the slots name."""
        due = self.due(slots)
        purse = purse_named(slots, self.purses, due)
        return _refused(settling_refusal(self.order, due, purse, self.purses))


class CorrectableVariant(Variant):
    """A variant that a last "no, size L" names anew, whatever wish that sounds like."""

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        found = super().read(turn, asked)
        if found is not None or asked or turn.tapped or turn.requested_slot != "confirmation":
            return found
        corrects = begins_a_correction(turn) and turn.intent not in {"affirm", "deny", "stop"}
        return turn.text if corrects and not self.is_passed_over(turn) else None


class ValidateChangeOrderForm(GoodsForm):
    """The order, what of it, the variants wanted for it, a code, who settles a difference, and a yes."""

    action_name = "validate_change_order_form"
    own_intents = frozenset({"change_order"})
    questions = (*GOODS_QUESTIONS, CorrectableVariant(), Method())
    told_at_first = (ITEMS, VARIANT)
    corrected_later = (METHOD,)

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        if draft.begins:
            draft.set(WISH, OTHER_WISH if means_other_change(draft.turn.text) else None)

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ChangeRefused | None:
        return (await PendingCase.of(session, order)).refusal(slots)

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return draft.slots.get(WISH) == OTHER_WISH or await super().is_refused(session, draft, order)

    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await PendingCase.of(session, order)
        settle_items(draft, case.position, case.offered)
        question = open_question(draft.slots, case.position, case.offered)
        if question is not None:
            return question
        parts = case.parts(draft.slots) or []
        settle_variants(draft, case, parts)
        return None if next_part(draft.slots, case, parts) is None else VARIANT

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        case = await PendingCase.of(session, order)
        question = settle_method(
            draft, case.purses, case.due(draft.slots), order.currency, position=case.position
        )
        if question is not None:
            return question
        if case.money_refusal(draft.slots) is not None:
            return None
        return await super().own_question(session, draft, order)


class AskChangeItems(SupportAction):
    """Offers the things of the order that come in another variant."""

    action_name = "action_ask_change_order_form_order_items"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await PendingCase.of(session, order)
        return Reply().say(
            "utter_ask_change_items",
            number=order.number,
            choices=item_choices(turn, case.position, case.offered),
        )


class AskChangeVariant(SupportAction):
    """Offers the variants of the next thing that are there, each with its price."""

    action_name = "action_ask_change_order_form_wanted_variant"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        case = await PendingCase.of(session, order)
        part = next_part(turn.slots, case, case.parts(turn.slots) or [])
        if part is None:
            raise NotProven
        return Reply().say(
            "utter_ask_change_variant",
            item=case.position.line(part.line_id).name,
            choices=variant_choices(turn, case, part),
        )


class AskChangeMethod(SupportAction):
    """Offers the customer's own ways of paying that may pay or take the difference."""

    action_name = "action_ask_change_order_form_return_method"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await PendingCase.of(session, order)
        due = case.due(turn.slots)
        return Reply().say(
            "utter_ask_change_method_to_pay" if due > 0 else "utter_ask_change_method",
            amount=format_money(abs(due), order.currency),
            choices=method_choices(turn, case.position, case.purses, due),
        )


class AskChangeConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_change_order_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        case = await PendingCase.of(session, order)
        changes = case.changes(turn.slots)
        if not changes:
            raise NotProven
        due, bought = case.due(turn.slots), {line.id: line for line in order.lines}
        purse = purse_named(turn.slots, case.purses, due)
        back = [(held.label, held.amount) for held in split(max(0, -due), case.position.held)]
        price = "same_price" if not due else "dearer" if due > 0 else "cheaper"
        return Reply().say(
            f"utter_change_confirm_{price}",
            number=order.number,
            items="; ".join(
                counted(bought[each.line_id].name, each.quantity, bought[each.line_id].quantity)
                for each in changes
            ),
            wanted="; ".join(written(each.name, each.quantity) for each in changes),
            difference=format_money(abs(due), order.currency),
            pays=purse.label if purse else None,
            refund_to=purse.label if purse else refund_targets(back, order.currency),
        )


class ChangeOrder(ConfirmedAction):
    """Changes the items on a yes; otherwise says why not, and what to do instead."""

    action_name = "action_change_order"
    forgets = (*GOODS_MEMORY, VARIANT, METHOD, WISH)
    left_alone = "utter_change_left_alone"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        instead = await self._instead(session, turn)
        return instead if instead is not None else await super().perform(session, turn, found)

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> ChangeRefused | None:
        case = await PendingCase.of(session, order)
        return case.refusal(slots) or case.money_refusal(slots)

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        case = await PendingCase.of(session, order)
        purse = purse_named(turn.slots, case.purses, case.due(turn.slots))
        done = await effect_of(session, turn_id=turn.turn_id, action="change_items")
        if done is None and not case.changes(turn.slots):
            raise await self.refusal(session, turn.slots, order) or NotProven
        change = await change_items(
            session,
            order=order,
            wanted=case.wanted(turn.slots),
            pieces=case.pieces(turn.slots),
            method_id=purse.method_id if purse else None,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return Reply().say(
            "utter_change_done",
            attachment=items_card(turn, change),
            choices=undo_choices(turn, order.number, change.undo_until),
            number=order.number,
            wanted="; ".join(written(item.after, item.quantity) for item in change.items),
        )

    async def _instead(self, session: AsyncSession, turn: CustomerTurn) -> Reply | None:
        """What to do instead, where the order is too far on its way or something else is wished."""
        number = turn.slots.get("order_number")
        if not number or turn.slots.get("form_problem") or turn.slots.get("confirmation") is not None:
            return None
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        if may_be_cancelled(order.status) and turn.slots.get(WISH) != OTHER_WISH:
            return None
        last_day = return_until(order)
        return Reply().say(
            f"utter_change_order_{instead_of_changing(order, self.clock())}",
            attachment=order_card(turn, order),
            number=order.number,
            status=turn.label(f"utter_label_status_in_words_{order.status.value}"),
            exchange_until=plain_day(last_day) if last_day else "",
        )


def _refused(refusal: ChangeRefusal | None) -> ChangeRefused | None:
    return None if refusal is None else ChangeRefused(refusal)
