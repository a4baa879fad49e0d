"""Money never drifts, after any sequence of operations and whatever the payment provider answers.

Each step draws one operation on one order of a store, on SQLite and on PostgreSQL; after it the books of the
order add up, no payment gives back more than it took, the gift card's balance is the sum of its ledger, the
shelf has lost what customers hold and nothing else, and the payment provider's own journal says the same as
the shop. How many sequences: `BOOKS_EXAMPLES=500 uv run pytest tests/crm/test_books.py` (the long form).
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from crm.database import Database
from crm.errors import SupportError
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import drifting_cards
from crm.operations.services import operations_of
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.changing_items import change_items
from crm.orders.drift import drifting_orders
from crm.orders.models import Order, OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.changing_method import change_payment
from crm.payments.delivery import deliver_due_payments
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.payments.sandbox import Fault, SandboxProvider
from crm.products.models import Variant
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.models import RefundReason, RefundStatus, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.refunds.services import requests_of, returns_of
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.factories import NOW, stored_conversation
from tests.crm.wardrobe import NUMBER, Wardrobe, stored_wardrobe
from tests.stores import Stores

EXAMPLES = int(os.environ.get("BOOKS_EXAMPLES", "12"))
STEPS = 14
STOCK = 3

# What shows in the order itself where it was done.
LOUD = ("undo", "receive", "pay request", "delivered")

Place = Callable[[], AbstractContextManager[tuple[Database, Path]]]


@dataclass(frozen=True)
class Seen:
    """How far the order is, so that most steps find something to do; some try what is refused."""

    status: OrderStatus = OrderStatus.PAID
    under_way: bool = False
    asked: bool = False
    done: bool = False


class Books(RuleBasedStateMachine):
    """One order of a jumper and two mugs, its customer with two cards and a gift card, and the shop."""

    place: Place
    runner: asyncio.Runner
    done: Counter[str]
    seen = Seen()
    turns = 0

    @initialize(
        status=st.sampled_from([OrderStatus.PAID, OrderStatus.PAID, OrderStatus.DELIVERED]),
        balance=st.sampled_from([0, 300, 20_000]),
        discount=st.sampled_from([0, 333]),
    )
    def a_shop(self, status: OrderStatus, balance: int, discount: int) -> None:
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
                    (await order_by_number(session, NUMBER)).delivered_at = NOW - timedelta(days=2)
            self.pieces = await self._pieces(await self._order())

        self.runner.run(fill())

    @precondition(lambda self: self.seen.status is OrderStatus.PAID)
    @rule(by_agent=st.booleans())
    def cancel(self, by_agent: bool) -> None:
        self._do(
            "cancel",
            lambda session, order, turn: cancel_order(
                session,
                order=order,
                reason="other",
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **_as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.status in (OrderStatus.PAID, OrderStatus.PENDING))
    @rule(
        data=st.data(), method=st.sampled_from([None, "visa", "paypal", "gift card"]), by_agent=st.booleans()
    )
    def change_the_items(self, data: st.DataObject, method: str | None, by_agent: bool) -> None:
        wanted = {
            line: data.draw(st.sampled_from(names))
            for line, names in (
                (self.wardrobe.jumper, ["Oat, L", "Heather, L", "Heather, M", "Heather, S"]),
                (self.wardrobe.mugs, ["Moss", "Rust"]),
            )
            if data.draw(st.booleans())
        }
        if not wanted:
            return
        variants = {line: self.wardrobe.variants[name] for line, name in wanted.items()}
        self._do(
            "change items",
            lambda session, order, turn: change_items(
                session,
                order=order,
                wanted=variants,
                method_id=self._method(method),
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **_as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.status in (OrderStatus.PAID, OrderStatus.PENDING))
    @rule(method=st.sampled_from(["visa", "paypal", "gift card"]))
    def pay_otherwise(self, method: str) -> None:
        self._do(
            "change payment",
            lambda session, order, turn: change_payment(
                session,
                order=order,
                method_id=self.wardrobe.methods[method],
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
            ),
        )

    @precondition(lambda self: self.seen.status is OrderStatus.PAID and self.turns > 1)
    @rule()
    def arrives(self) -> None:
        """The warehouse sends what was paid for."""

        async def deliver(session: Any, order: Order, _turn: str) -> None:
            if order.status is OrderStatus.PAID:
                order.status, order.delivered_at = OrderStatus.DELIVERED, self.now

        self._do("delivered", deliver)

    @precondition(lambda self: self.seen.status is OrderStatus.DELIVERED)
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
            method_id=self._method(method),
        )
        self._do(
            "exchange" if exchange else "return",
            lambda session, order, turn: announce_return(
                session,
                order=order,
                wish=wish,
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **_as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.under_way)
    @rule()
    def keep_it_after_all(self) -> None:
        self._do(
            "withdraw",
            lambda session, order, turn: withdraw_return(
                session, order=order, conversation_id=self.conversation, turn_id=turn, now=self.now
            ),
        )

    @precondition(lambda self: self.seen.under_way)
    @rule()
    def receive(self) -> None:
        async def come(session: Any, order: Order, turn: str) -> None:
            for sent in await returns_of(session, order.id):
                if sent.state is ReturnState.ANNOUNCED:
                    await receive_return(
                        session,
                        order=order,
                        reference=sent.reference,
                        actor="agent 1",
                        turn_id=turn,
                        now=self.now,
                    )

        self._do("receive", come)

    @rule(mugs=st.integers(1, 2), reason=st.sampled_from([RefundReason.DAMAGED, RefundReason.MISSING]))
    def ask_money_back(self, mugs: int, reason: RefundReason) -> None:
        self._do(
            "refund request",
            lambda session, order, turn: request_refund(
                session,
                order=order,
                reason=reason,
                parts=[Part(self.wardrobe.mugs, mugs)],
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
            ),
        )

    @precondition(lambda self: self.seen.asked)
    @rule(agree=st.booleans())
    def decide(self, agree: bool) -> None:
        async def answer(session: Any, order: Order, _turn: str) -> None:
            for request in await requests_of(session, order.id):
                if request.state.value != "open":
                    continue
                if agree:
                    await pay_request(session, reference=request.reference, actor="agent 1", now=self.now)
                else:
                    await decline_request(
                        session, reference=request.reference, actor="agent 1", why="worn", now=self.now
                    )

        self._do("pay request" if agree else "decline request", answer)

    @precondition(lambda self: self.seen.done)
    @rule(by_agent=st.booleans())
    def take_back_the_last(self, by_agent: bool) -> None:
        async def newest(session: Any, order: Order, _turn: str) -> None:
            done = [each for each in await operations_of(session, order.id) if each.undone_at is None]
            if done:
                actor = "agent 1" if by_agent else "customer"
                await undo(session, reference=done[-1].reference, actor=actor, now=self.now)

        self._do("undo", newest)

    @rule(minutes=st.sampled_from([1, 20, 26 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(faults=st.lists(st.sampled_from([None, *Fault]), max_size=3))
    def money_moves(self, faults: list[Fault | None]) -> None:
        self.provider.faults.clear()
        self.provider.faults.extend(faults)  # type: ignore[arg-type]
        self.runner.run(deliver_due_payments(self.database, self.provider, self.now))
        self.provider.faults.clear()
        self.done["provider asked"] += 1

    @invariant()
    def everything_adds_up(self) -> None:
        if hasattr(self, "database"):
            self.runner.run(self._check())

    async def _check(self) -> None:
        order = await self._order()
        async with self.database.reading() as session:
            returns, requests = await returns_of(session, order.id), await requests_of(session, order.id)
            done = [each for each in await operations_of(session, order.id) if each.undone_at is None]
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

    def _do(self, name: str, operation: Callable[[Any, Order, str], Any]) -> None:
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

    def _method(self, name: str | None) -> int | None:
        return self.wardrobe.methods[name] if name else None

    def teardown(self) -> None:
        self.done["sequences"] += 1
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)


def _seen(order: Order) -> tuple[Any, ...]:
    """What of an order shows that something happened."""
    lines = [(line.variant_id, line.gone, line.credited) for line in order.lines]
    return order.status, lines, account_of(order), len(order.payments)


def _as_agent(by_agent: bool) -> dict[str, str]:
    return {"actor": "agent 1", "override": "goodwill"} if by_agent else {}


def _being_paid(order: Order) -> bool:
    """Whether money is on its way in: until then an order may be owed on both sides, see owe_again."""
    return any(each.status in (PaymentStatus.AUTHORISED, PaymentStatus.FAILED) for each in order.payments)


def _by_provider(payment: Any) -> bool:
    return payment.customer_method_id is not None and payment.method is not PaymentMethod.GIFT_CARD


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_money_never_drifts(
    stores: Stores,
    empty_store: str,
    runner: asyncio.Runner,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Place(AbstractContextManager[tuple[Database, Path]]):
        count = 0

        def __enter__(self) -> tuple[Database, Path]:
            Place.count += 1
            folder = tmp_path / str(Place.count)
            folder.mkdir()
            self.store = stores.store(empty_store)
            self.database = Database(runner.run(self.store.__aenter__()))
            return self.database, folder

        def __exit__(self, *_: object) -> None:
            runner.run(self.database.close())
            with suppress(StopAsyncIteration):
                runner.run(self.store.__aexit__(None, None, None))

    class InThisStore(Books):
        pass

    InThisStore.place = Place
    InThisStore.runner = runner
    InThisStore.done = Counter()
    run_state_machine_as_test(
        InThisStore,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # A whole sequence is told as it went; shrinking one would run hundreds more.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    if "BOOKS_EXAMPLES" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{type(stores).__name__}: {dict(sorted(InThisStore.done.items()))}\n")
    assert InThisStore.done["sequences"] >= EXAMPLES
