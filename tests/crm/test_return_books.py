"""Goods come back, go out again and are paid back in any order; the money of the order never drifts.

How many walks: `RETURN_WALKS=100 uv run pytest tests/crm/test_return_books.py` (the long form).
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.database import Database
from crm.errors import SupportError
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import drifting_cards
from crm.operations.services import operations_of
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.payments.delivery import deliver_due_payments
from crm.payments.models import PaymentMethod
from crm.payments.sandbox import Fault, SandboxProvider
from crm.products.models import Variant
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.models import WAITING_REQUESTS, RefundReason, RefundStatus
from crm.refunds.position import OrderPosition, Part, value_of
from crm.refunds.requests import request_refund
from crm.refunds.services import position_of, requests_of, returns_of
from crm.refunds.withdrawing import withdraw_request
from crm.returns.models import RETURNS_UNDER_WAY, ReturnReason
from crm.returns.reading import goods_of
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, make_payment
from tests.crm.other_colours import add_card, add_gift_card, add_variants

NUMBER = "MM-10432"
HATS = Thing("Birch Bobble Hat", 1_999, quantity=4)
WALKS = int(os.environ.get("RETURN_WALKS", "3"))
STEPS = 25

Step = Callable[["Walk", Any, Order], Awaitable[object]]


@dataclass
class Walk:
    """One order, and what happens to it by chance; `told` is the story so far."""

    database: Database
    provider: SandboxProvider
    chance: Random
    methods: list[int | None]
    now: datetime = NOW
    told: list[str] = field(default_factory=list)

    @property
    def turn(self) -> str:
        return f"turn-{len(self.told)}"

    def parts(self, position: OrderPosition) -> tuple[Part, ...]:
        left = [Part(part.line_id, self.chance.randint(1, part.quantity)) for part in position.parts_left]
        return tuple(self.chance.sample(left, self.chance.randint(1, len(left)))) if left else ()

    async def take(self, name: str, step: Step) -> None:
        """Done as a whole, or refused with nothing changed."""
        try:
            async with self.database.transaction() as session:
                outcome = await step(self, session, await order_by_number(session, NUMBER))
        except SupportError as refusal:
            outcome = refusal
        self.told.append(f"{name}: {outcome!r}")


async def send_back(walk: Walk, session: Any, order: Order) -> object:
    return await _announce(walk, session, order, exchange=False)


async def exchange(walk: Walk, session: Any, order: Order) -> object:
    return await _announce(walk, session, order, exchange=True)


async def _announce(walk: Walk, session: Any, order: Order, *, exchange: bool) -> object:
    parts = walk.parts(await position_of(session, order))
    goods = await goods_of(session, order)
    wanted = [goods[part.line_id].others for part in parts]
    if not parts or (exchange and not all(wanted)):
        return None
    wish = Wish(
        parts,
        ReturnReason.CHANGED_MIND,
        wanted=tuple(walk.chance.choice(others).variant_id for others in wanted) if exchange else (),
        method_id=walk.chance.choice(walk.methods),
    )
    return await announce_return(
        session, order=order, wish=wish, conversation_id="c" * 32, turn_id=walk.turn, now=walk.now
    )


async def keep(walk: Walk, session: Any, order: Order) -> object:
    return await withdraw_return(
        session, order=order, conversation_id="c" * 32, turn_id=walk.turn, now=walk.now
    )


async def arrive(walk: Walk, session: Any, order: Order) -> object:
    """All that was announced, or some of it."""
    sent = [each for each in await returns_of(session, order.id) if each.state in RETURNS_UNDER_WAY]
    if not sent:
        return None
    here = {line.order_line_id: walk.chance.randint(0, line.quantity) for line in sent[0].lines}
    arrived = {line: pieces for line, pieces in here.items() if pieces}
    return await receive_return(
        session,
        order=order,
        reference=sent[0].reference,
        actor="agent 3",
        arrived=arrived if arrived and walk.chance.random() < 0.5 else None,
        turn_id=walk.turn,
        now=walk.now,
    )


async def ask(walk: Walk, session: Any, order: Order) -> object:
    return await request_refund(
        session,
        order=order,
        reason=walk.chance.choice([RefundReason.DAMAGED, RefundReason.MISSING]),
        parts=walk.parts(await position_of(session, order)),
        conversation_id="c" * 32,
        turn_id=walk.turn,
        now=walk.now,
    )


async def decide(walk: Walk, session: Any, order: Order) -> object:
    waiting = [each for each in await requests_of(session, order.id) if each.state in WAITING_REQUESTS]
    if not waiting:
        return None
    reference = walk.chance.choice(waiting).reference
    if walk.chance.random() < 0.7:
        return await pay_request(session, reference=reference, actor="agent 3", now=walk.now)
    return await decline_request(session, reference=reference, actor="agent 3", why="worn", now=walk.now)


async def not_wanted(walk: Walk, session: Any, order: Order) -> object:
    return await withdraw_request(
        session, order=order, conversation_id="c" * 32, turn_id=walk.turn, now=walk.now
    )


async def take_back(walk: Walk, session: Any, order: Order) -> object:
    done = [each for each in await operations_of(session, order) if each.undone_at is None]
    if not done:
        return None
    return await undo(session, reference=done[-1].reference, actor="agent 3", now=walk.now)


async def sell_elsewhere(walk: Walk, session: Any, order: Order) -> object:
    """Shelves empty and fill, and so do gift cards' customers elsewhere."""
    variants = (await session.scalars(select(Variant.id).order_by(Variant.id))).all()
    await session.execute(
        update(Variant)
        .where(Variant.id == walk.chance.choice(variants))
        .values(stock=walk.chance.choice([0, 1, 9]))
    )
    return "done"


DEEDS: dict[str, Step] = {
    "send back": send_back,
    "exchange": exchange,
    "keep": keep,
    "arrive": arrive,
    "ask": ask,
    "decide": decide,
    "not wanted": not_wanted,
    "take back": take_back,
    "sell elsewhere": sell_elsewhere,
}
LIKELY = [4, 6, 1, 7, 3, 4, 1, 2, 1]


@pytest.mark.parametrize("seed", range(WALKS))
async def test_whatever_comes_back_the_books_agree(database: Database, tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    payments = [make_payment(9_000), make_payment(11_771, method=PaymentMethod.PAYPAL, label="PayPal")]
    order = await stored_basket(
        database, Thing(quantity=3), HATS, discount=5_590, shipping_price=395, payments=payments
    )
    await add_variants(database, order)
    methods = [None, await add_gift_card(database, 1_500), await add_card(database)]
    walk = Walk(database, SandboxProvider(tmp_path / "provider.db"), chance, methods)
    for _ in range(STEPS):
        name = chance.choices(list(DEEDS), LIKELY)[0]
        await walk.take(name, DEEDS[name])
        if chance.random() < 0.3:
            walk.provider.faults.extend(chance.choices(list(Fault), k=chance.randint(0, 2)))
            walk.now += timedelta(minutes=20)
            await deliver_due_payments(database, walk.provider, walk.now)
            walk.told.append("the provider is asked")
        await check(walk)


async def check(walk: Walk) -> None:
    async with walk.database.reading() as session:
        order = await order_by_number(session, NUMBER)
        position = await position_of(session, order)
        assert await drifting_cards(session) == [], walk.told
        assert all(card.balance >= 0 for card in await session.scalars(select(GiftCard))), walk.told
    assert account_of(order).drift == 0, walk.told
    for payment in order.payments:
        back = sum(refund.amount for refund in payment.refunds if refund.status is not RefundStatus.FAILED)
        assert back == payment.refunded <= payment.captured <= payment.amount, walk.told
    for line in position.lines:
        assert 0 <= line.gone <= line.quantity, walk.told
        assert 0 <= line.claimed <= line.paid, walk.told
        assert line.left or line.claimed == line.paid, walk.told
    assert value_of(position, position.parts_left) >= 0, walk.told
