"""What can happen to an order that has arrived: goods come back, in parts, for money or for other goods."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from crm.orders.models import Order, OrderStatus
from crm.refunds.position import Part
from crm.refunds.services import returns_of
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.book_shop import Shop, as_agent


class AfterArrival(Shop):
    """Sending back, keeping it after all, and the goods' arrival; some or all of them."""

    @precondition(lambda self: self.seen.status is OrderStatus.DELIVERED and self.tries(self.seen.under_way))
    @rule(
        jumper=st.booleans(),
        mugs=st.integers(0, 2),
        exchange=st.sampled_from([None, None, "Heather, L", "Heather, M"]),
        method=st.sampled_from([None, "visa", "gift card"]),
        by_agent=st.booleans(),
    )
    def send_back(
        self, jumper: bool, mugs: int, exchange: str | None, method: str | None, by_agent: bool
    ) -> None:
        parts = [Part(self.wardrobe.jumper, 1)] if jumper or exchange else []
        parts += [Part(self.wardrobe.mugs, mugs)] if mugs and not exchange else []
        if not parts:
            return
        wish = Wish(
            tuple(parts),
            ReturnReason.CHANGED_MIND,
            wanted=(self.wardrobe.variants[exchange],) if exchange else (),
            method_id=self.method(method),
        )
        self.do(
            "exchange" if exchange else "return",
            lambda session, order, turn: announce_return(
                session,
                order=order,
                wish=wish,
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.under_way)
    @rule()
    def keep_it_after_all(self) -> None:
        self.do(
            "withdraw",
            lambda session, order, turn: withdraw_return(
                session, order=order, conversation_id=self.conversation, turn_id=turn, now=self.now
            ),
        )

    @precondition(lambda self: self.seen.under_way)
    @rule()
    def receive(self) -> None:
        self.do("receive", lambda session, order, turn: self._book_in(session, order, turn, some=False))

    # Twice, since what has to come first makes it rare.
    @precondition(lambda self: self.seen.under_way)
    @rule()
    def receive_what_was_announced(self) -> None:
        self.receive()

    @precondition(lambda self: self.seen.under_way)
    @rule()
    def receive_some(self) -> None:
        """One piece of each line."""
        self.do("receive some", lambda session, order, turn: self._book_in(session, order, turn, some=True))

    async def _book_in(self, session: Any, order: Order, turn: str, *, some: bool) -> None:
        for sent in await returns_of(session, order.id):
            if sent.state is ReturnState.ANNOUNCED:
                await receive_return(
                    session,
                    order=order,
                    reference=sent.reference,
                    actor="agent 1",
                    arrived={line.order_line_id: 1 for line in sent.lines} if some else None,
                    turn_id=turn,
                    now=self.now,
                )
