"""A form about things of an order: they come before the code, since most refusals follow from them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm, readable_order
from actions.forms.questions import Confirmation, OneOf
from actions.returns.items import ITEMS, PIECES, Items, Pieces
from actions.turn import CustomerTurn, is_activation
from crm.errors import SupportError
from crm.orders.models import Order

GOODS_QUESTIONS = (*OWN_ORDER_QUESTIONS, Items(), Pieces(), Confirmation())
GOODS_MEMORY = (*FORM_MEMORY, ITEMS, PIECES)


class ToldAtFirst(OneOf):
    """One of a few options that the first message may name, too; later ones do not in passing.

    "The code is missing" is no reason for a refund.
    """

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        return super().read(turn, asked or is_activation(turn.events))


class GoodsForm(OwnOrderForm, ABC):
    """The order, the things, a code from the mailbox on the order, and a yes."""

    # Slots that keep the first message's words until the order says what they mean.
    told_at_first: ClassVar[tuple[str, ...]] = (ITEMS,)
    # Other slots whose answer may be changed at the last question.
    corrected_later: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> SupportError | None:
        """Why it cannot be done, as far as it is known already; None where nothing forbids it so far."""

    @abstractmethod
    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        """Make out what was said about the things, and what is still to be asked about them."""

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        if draft.begins and not draft.turn.tapped:
            for slot in self.told_at_first:
                if draft.slots.get(slot) is None:
                    draft.set(slot, draft.turn.text[:1_000])
        elif {ITEMS, PIECES, *self.told_at_first, *self.corrected_later} & set(draft.answers):
            # "No, the hat": a correction is neither a yes nor a no.
            draft.set("confirmation", None)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        order = await readable_order(session, draft.turn, draft.slots, self.clock())
        if order is not None:
            question = await self.about_goods(session, draft, order)
            if question is not None and not await self.is_refused(session, draft, order):
                return question
        return await super().next_question(session, draft)

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return await self.refusal(session, draft.slots, order) is not None
