"""What operations cost in a shop of a thousand orders and in one of a million, on both databases.

    uv run python -m benchmarks.operations
    uv run python -m benchmarks.operations --database sqlite --orders 1000000 --plans

One client does each operation --times times, every time with another order, and waits for the commit; the
first five do not count. SQLite is a file as `frontdesk up` makes it. PostgreSQL runs on this machine,
reached by a socket, and waits for its disk at each commit as a server does. Afterwards the statements of each
operation are explained in the largest shop: a table that is read from end to end and grows with the shop is
named. Figures and what follows from them are in benchmarks/operations.md.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.big_shop import (
    PRODUCTS,
    VARIANTS_EACH,
    build_shop,
    customer_of,
    gift_card_method_of,
    order_number,
)
from benchmarks.past_work import WITH_A_PAST
from benchmarks.query_plans import Plan, listening, plans_of
from crm.customers.addresses import PostalAddress
from crm.customers.changes import change_address
from crm.customers.models import Customer
from crm.database import Database
from crm.operations.occasion import Occasion
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.changing_items import change_items
from crm.orders.models import Order
from crm.orders.services import cancel_order, order_by_number, orders_of
from crm.payments.changing_method import change_payment
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.returns.models import ReturnReason
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from tests.stores import postgres_server

WARM_UP = 5
CONVERSATION = "benchmark"
# What a shop has few of, however many orders it has.
SMALL_TABLES = frozenset({"products", "variants"})
ELSEWHERE = PostalAddress(lines=("9 Fell Road", "Keswick"), postcode="CA12 5AB")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Step:
    """One operation on a stored order; `on_paid` wants one that waits to be packed, else one delivered.

    What has the same `series` is done to the same orders, one step after the other.
    """

    name: str
    series: int
    on_paid: bool
    perform: Callable[[AsyncSession, int, str], Awaitable[object]]


async def _find(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await order_by_number(session, order_number(order_id))


async def _history(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await orders_of(session, customer_of(order_id))


async def _cancel(session: AsyncSession, order_id: int, turn_id: str) -> object:
    order = await session.get_one(Order, order_id)
    return await cancel_order(
        session, order=order, conversation_id=None, turn_id=turn_id, reason="no longer needed", now=_now()
    )


async def _undo(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await undo(
        session, reference=f"{order_number(order_id)}-O{_next(order_id)}", actor="customer", now=_now()
    )


async def _change_items(session: AsyncSession, order_id: int, turn_id: str) -> object:
    order = await session.get_one(Order, order_id)
    line = order.lines[0]
    return await change_items(
        session,
        order=order,
        wanted={line.id: line.variant_id + 3},
        method_id=gift_card_method_of(order.customer_id) - 1,
        conversation_id=None,
        turn_id=turn_id,
        now=_now(),
    )


async def _change_payment(session: AsyncSession, order_id: int, turn_id: str) -> object:
    order = await session.get_one(Order, order_id)
    return await change_payment(
        session,
        order=order,
        method_id=gift_card_method_of(order.customer_id),
        conversation_id=None,
        turn_id=turn_id,
        now=_now(),
    )


async def _change_address(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await change_address(
        session,
        customer=await session.get_one(Customer, customer_of(order_id)),
        address=ELSEWHERE,
        account=False,
        order_numbers=[order_number(order_id)],
        by=Occasion(turn_id, _now(), CONVERSATION),
    )


async def _send_back(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await _announce(session, order_id, turn_id, wanted=None)


async def _exchange(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await _announce(session, order_id, turn_id, wanted=2)


async def _announce(session: AsyncSession, order_id: int, turn_id: str, wanted: int | None) -> object:
    order = await session.get_one(Order, order_id)
    line = order.lines[0]
    wish = Wish(
        parts=(Part(line.id, 1),),
        reason=ReturnReason.CHANGED_MIND,
        wanted=() if wanted is None else (line.variant_id + wanted,),
        method_id=None if wanted is None else gift_card_method_of(order.customer_id),
    )
    return await announce_return(
        session, order=order, wish=wish, conversation_id=CONVERSATION, turn_id=turn_id, now=_now()
    )


async def _receive(session: AsyncSession, order_id: int, turn_id: str) -> object:
    return await receive_return(
        session,
        order=await session.get_one(Order, order_id),
        reference=f"{order_number(order_id)}-R{_next(order_id)}",
        actor="warehouse",
        turn_id=turn_id,
        now=_now(),
    )


def _next(order_id: int) -> int:
    """The number of an order's first operation or return that is done here."""
    return 2 if order_id % WITH_A_PAST == 0 else 1


async def _ask_refund(session: AsyncSession, order_id: int, turn_id: str) -> object:
    order = await session.get_one(Order, order_id)
    return await request_refund(
        session,
        order=order,
        reason=RefundReason.DAMAGED,
        parts=[Part(order.lines[0].id, 1)],
        conversation_id=CONVERSATION,
        turn_id=turn_id,
        now=_now(),
    )


STEPS = (
    Step("find an order by its number", 0, True, _find),
    Step("a customer's orders", 0, True, _history),
    Step("cancel", 1, True, _cancel),
    Step("take the cancellation back", 1, True, _undo),
    Step("change an item for a dearer one", 2, True, _change_items),
    Step("pay with the gift card instead", 3, True, _change_payment),
    Step("send it elsewhere", 4, True, _change_address),
    Step("announce a return", 0, False, _send_back),
    Step("receive it and refund", 0, False, _receive),
    Step("exchange for a dearer one", 1, False, _exchange),
    Step("receive it and replace", 1, False, _receive),
    Step("ask money back", 2, False, _ask_refund),
)
SERIES = 5


async def measure(url: str, orders: int, times: int) -> tuple[dict[str, np.ndarray], dict[str, list[Plan]]]:
    """Seconds of each operation, and how its statements find what they want."""
    database = Database(url)
    try:
        began = time.perf_counter()
        await build_shop(database, orders)
        print(f"  {orders:,} orders in {time.perf_counter() - began:.0f} s", flush=True)
        seconds, plans = {}, {}
        for step in STEPS:
            with listening(database.engine) as heard:
                for order_id in _orders_for(step, orders, times + WARM_UP)[:WARM_UP]:
                    await _timed(database, step, order_id)
            ids = _orders_for(step, orders, times + WARM_UP)[WARM_UP:]
            seconds[step.name] = np.array([await _timed(database, step, order_id) for order_id in ids])
            plans[step.name] = await plans_of(database.engine, heard)
        await _add_up(database, orders, times)
        return seconds, plans
    finally:
        await database.close()


async def _timed(database: Database, step: Step, order_id: int) -> float:
    began = time.perf_counter()
    async with database.transaction() as session:
        await step.perform(session, order_id, f"{step.name} {order_id}"[:64])
    return time.perf_counter() - began


def _orders_for(step: Step, orders: int, count: int) -> list[int]:
    """Ids spread over the whole shop, other ones for each series."""
    apart = orders // (count * SERIES * 2) * 2
    if not apart:
        raise SystemExit(f"{count * SERIES * 2:,} orders at least, or fewer --times")
    offset = 1 if step.on_paid else 2
    return [(place * SERIES + step.series) * apart + offset for place in range(count)]


async def _add_up(database: Database, orders: int, times: int) -> None:
    """What was measured was done: the books of all orders touched add up."""
    async with database.reading() as session:
        for step in STEPS:
            for order_id in _orders_for(step, orders, times + WARM_UP):
                order = await session.get_one(Order, order_id)
                if account_of(order).drift:
                    raise SystemExit(f"{order.number} does not add up after {step.name!r}")


@asynccontextmanager
async def _sqlite() -> AsyncIterator[Callable[[], Awaitable[str]]]:
    with tempfile.TemporaryDirectory(prefix="operations-") as folder:

        async def new() -> str:
            return f"sqlite+aiosqlite:///{folder}/{time.monotonic_ns()}.db"

        yield new


@asynccontextmanager
async def _postgresql() -> AsyncIterator[Callable[[], Awaitable[str]]]:
    with postgres_server() as stores:
        await stores.execute("ALTER SYSTEM SET checkpoint_timeout = '5min'")
        for setting in DURABLE:
            await stores.execute(f"ALTER SYSTEM SET {setting} = on")
        await stores.execute("SELECT pg_reload_conf()")

        async def new() -> str:
            name = f"shop_{time.monotonic_ns()}"
            await stores.execute(f"CREATE DATABASE {name}")
            return stores.url(name)

        yield new


KINDS = {"sqlite": _sqlite, "postgresql": _postgresql}


async def run(kind: str, sizes: Sequence[int], times: int, with_plans: bool) -> None:
    print(f"{kind}, {times} times each, {PRODUCTS * VARIANTS_EACH} variants")
    async with KINDS[kind]() as new:
        measured = [await measure(await new(), orders, times) for orders in sizes]
    print(f"{'':32}" + "".join(f"{f'{orders:,} orders':>26}" for orders in sizes))
    for step in STEPS:
        figures = [seconds[step.name] for seconds, _ in measured]
        cells = [
            f"{1 / each.mean():8.0f}/s  p95 {np.percentile(each, 95) * 1000:6.1f} ms" for each in figures
        ]
        print(f"{step.name:32}" + "".join(f"{cell:>26}" for cell in cells))
    for name, plans in measured[-1][1].items():
        scanned = sorted({plan.table for plan in plans if plan.by is None} - SMALL_TABLES)
        if scanned:
            print(f"{name}: reads all of {', '.join(scanned)}")
        if with_plans:
            print(f"{name}: " + "; ".join(sorted({f"{plan.table} by {plan.by}" for plan in plans})))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=KINDS, action="append", help="both by default")
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--times", type=int, default=95)
    parser.add_argument("--plans", action="store_true", help="print each way that a table is read")
    options = parser.parse_args()
    for kind in options.database or KINDS:
        asyncio.run(run(kind, options.orders, options.times, options.plans))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
