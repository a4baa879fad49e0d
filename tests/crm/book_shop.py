"""One order of a jumper and two mugs in a store of its own, and what must be so after every step."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from crm.database import Database
from crm.errors import SupportError
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import drifting_cards
from crm.operations.services import operations_of
from crm.orders.account import account_of
from crm.orders.drift import drifting_orders
from crm.orders.models import Order, OrderStatus
from crm.orders.services import order_by_number
from crm.payments.delivery import deliver_due_payments
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.payments.sandbox import Fault, SandboxProvider
from crm.products.models import Variant
from crm.refunds.models import RefundStatus, RequestState
from crm.refunds.position import Part
from crm.refunds.services import requests_of, returns_of
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.services import Wish, announce_return
from tests.crm.factories import NOW, stored_conversation
from tests.crm.wardrobe import NUMBER, Wardrobe, stored_wardrobe

STOCK = 3

# What shows in the order itself where it was done.
LOUD = ("undo", "receive", "receive some", "pay request", "delivered")

Place = Callable[[], AbstractContextManager[tuple[Database, Path]]]


@dataclass(frozen=True)
class Seen:
    """How far the order is, so that most steps find something to do; some try what is refused."""

    status: OrderStatus = OrderStatus.PAID
    under_way: bool = False
    asked: bool = False
    done: bool = False


class Shop(RuleBasedStateMachine):
    """The order, its customer with two cards and a gift card, the shop's shelf, and the payment provider."""

    place: Place
    runner: asyncio.Runner
    done: Counter[str]
    seen = Seen()
    turns = 0
    # The turn after which the provider was asked last: again only when there is something new.
    moved = -1

    @initialize(
        status=st.sampled_from([OrderStatus.PAID, OrderStatus.DELIVERED]),
        balance=st.sampled_from([0, 300, 20_000]),
        discount=st.sampled_from([0, 333]),
        comes_back=st.booleans(),
    )
    def a_shop(self, status: OrderStatus, balance: int, discount: int, comes_back: bool) -> None:
        self.opened = self.place()
        self.database, folder = self.opened.__enter__()
        self.provider = SandboxProvider(folder / "provider.db")
        self.now = NOW
        self.turns = 0

        async def fill() -> None:
            self.wardrobe: Wardrobe = await stored_wardrobe(
                self.database, status=status, balance=balance, discount=discount, stock=STOCK
            )
            self.conversation = await stored_conversation(self.database)
            if status is OrderStatus.DELIVERED:
                async with self.database.transaction() as session:
                    order = await order_by_number(session, NUMBER)
                    order.delivered_at = NOW - timedelta(days=2)
                    if comes_back:
                        await self._announce_all(session, order)
            self.pieces = await self._pieces(await self._order())

        self.runner.run(fill())

    async def _announce_all(self, session: Any, order: Order) -> None:
        """Goods are on their way from the first step on, so that arrivals are not rare."""
        wish = Wish(tuple(Part(line.id, line.quantity) for line in order.lines), ReturnReason.CHANGED_MIND)
        await announce_return(
            session, order=order, wish=wish, conversation_id=self.conversation, turn_id="turn-0", now=NOW
        )

    def tries(self, refused: bool) -> bool:
        """Whether a step is to be drawn: what would be `refused` only now and then."""
        return not refused or self.turns % 4 == 3

    @rule(minutes=st.sampled_from([1, 20, 26 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.turns > self.moved)
    @rule(faults=st.lists(st.sampled_from([None, *Fault]), max_size=3))
    def money_moves(self, faults: list[Fault | None]) -> None:
        self.provider.faults.clear()
        self.provider.faults.extend(faults)  # type: ignore[arg-type]
        self.runner.run(deliver_due_payments(self.database, self.provider, self.now))
        self.provider.faults.clear()
        self.moved = self.turns
        self.done["provider asked"] += 1

    @invariant()
    def everything_adds_up(self) -> None:
        if hasattr(self, "database"):
            self.runner.run(self._check())

    async def _check(self) -> None:
        order = await self._order()
        async with self.database.reading() as session:
            returns, requests = await returns_of(session, order.id), await requests_of(session, order.id)
            done = [each for each in await operations_of(session, order) if each.undone_at is None]
        self.seen = Seen(
            status=order.status,
            under_way=any(each.state is ReturnState.ANNOUNCED for each in returns),
            asked=any(each.state is RequestState.OPEN for each in requests),
            done=bool(done),
        )
        books = account_of(order)
        assert books.drift == 0, books
        assert not (books.owed_to_customer and books.owed_by_customer and not _being_paid(order)), books
        for payment in order.payments:
            going = [each for each in payment.refunds if each.status is not RefundStatus.FAILED]
            assert 0 <= payment.refunded <= payment.captured <= payment.amount
            assert sum(refund.amount for refund in going) == payment.refunded
        async with self.database.reading() as session:
            assert await drifting_cards(session) == []
            assert await drifting_orders(session) == []
            assert all(card.balance >= 0 for card in await session.scalars(select(GiftCard)))
        journal = await self.provider.journal()
        taken = {f"capture-{each.id}" for each in order.payments if _by_provider(each) and each.captured}
        asked = {f"capture-{each.id}" for each in order.payments if each.status is PaymentStatus.AUTHORISED}
        captures = {key for key, deed, *_ in journal if deed == "capture"}
        assert taken <= captures <= taken | asked
        settled = {
            f"refund-{refund.id}"
            for payment in order.payments
            for refund in payment.refunds
            if refund.status is RefundStatus.SETTLED and refund.gift_card_id is None
        }
        leaving = {
            f"refund-{refund.id}"
            for payment in order.payments
            for refund in payment.refunds
            if refund.status is RefundStatus.REQUESTED
        }
        refunds = {key for key, deed, *_ in journal if deed == "refund"}
        assert settled <= refunds <= settled | leaving
        assert await self._pieces(order) <= self.pieces

    async def _pieces(self, order: Order) -> int:
        """On the shelf and with the customer; what was broken or lost is in neither."""
        async with self.database.reading() as session:
            stock = sum((await session.scalars(select(Variant.stock))).all())
        return stock + sum(line.quantity - line.gone for line in order.lines)

    def do(self, name: str, operation: Callable[[Any, Order, str], Any]) -> None:
        """One turn: done as a whole, or refused with a sentence and nothing changed."""
        self.turns += 1

        async def turn() -> str:
            try:
                async with self.database.transaction() as session:
                    order = await order_by_number(session, NUMBER)
                    await operation(session, order, f"turn-{self.turns}")
            except SupportError as refusal:
                return f"refused: {refusal}"
            return "done"

        before = self.runner.run(self._order())
        outcome = self.runner.run(turn())
        if outcome == "done" and name in LOUD and _seen(before) == _seen(self.runner.run(self._order())):
            outcome = "nothing to do"
        note(f"{name}: {outcome}")
        self.done[f"{name}, {outcome.partition(':')[0]}"] += 1

    async def _order(self) -> Order:
        async with self.database.reading() as session:
            return await order_by_number(session, NUMBER)

    def method(self, name: str | None) -> int | None:
        return self.wardrobe.methods[name] if name else None

    def teardown(self) -> None:
        self.done["sequences"] += 1
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)


def _seen(order: Order) -> tuple[Any, ...]:
    """What of an order shows that something happened."""
    lines = [(line.variant_id, line.gone, line.credited) for line in order.lines]
    return order.status, lines, account_of(order), len(order.payments)


def as_agent(by_agent: bool) -> dict[str, str]:
    return {"actor": "agent 1", "override": "goodwill"} if by_agent else {}


def _being_paid(order: Order) -> bool:
    """Whether money is on its way in: until then an order may be owed on both sides, see owe_again."""
    return any(each.status in (PaymentStatus.AUTHORISED, PaymentStatus.FAILED) for each in order.payments)


def _by_provider(payment: Any) -> bool:
    return payment.customer_method_id is not None and payment.method is not PaymentMethod.GIFT_CARD
