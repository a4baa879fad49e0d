"""One run: customers write, faults happen, everything comes to rest, and the promises are counted."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from crm.conversations.models import Conversation
from crm.database import STORE_ERRORS, Database
from tests.crm.factories import make_customer, make_order, make_product
from tests.faults.customers import Customer
from tests.faults.faults import Faults
from tests.faults.postgres import Server
from tests.faults.processes import SERVED, FaultStack
from tests.faults.verdict import Verdict, judge, open_turns

ALL_WRITTEN_WITHIN = 90.0
AT_REST_WITHIN = 90.0


@dataclass(frozen=True)
class Size:
    """How much is broken: `rounds` of all faults, `pause` seconds apart on average."""

    customers: int
    bursts: int
    rounds: int
    pause: float
    seed: int


def script_of(number: int, bursts: int) -> list[list[str]]:
    """What a customer writes: questions, several at once, and an invoice now and then, which is an effect."""
    order, email = order_of(number)
    invoice = f"can you send me a vat receipt for order {order}? {email}"
    pieces = [["hello"], [invoice, "which ways can I pay?"], ["how do gift cards work?", invoice]]
    return [pieces[step % len(pieces)] for step in range(bursts)]


def order_of(number: int) -> tuple[str, str]:
    return f"MM-{50_000 + number}", f"customer-{number}@example.org"


async def fill_shop(database: Database, customers: int) -> None:
    """An order for each customer."""
    async with database.transaction() as session:
        product = make_product(stock=10 * customers)
        session.add(product)
        await session.flush()
        for number in range(customers):
            order, email = order_of(number)
            session.add(make_order(order, make_customer(email), product.variants[0]))


async def run(stack: FaultStack, size: Size, server: Server | None = None) -> tuple[Verdict, Counter[str]]:
    """Start everything, break it, let it come to rest and end it."""
    database = Database(stack.database_url)
    await fill_shop(database, size.customers)
    try:
        for name in SERVED:
            await asyncio.to_thread(stack.start_named, name)
        url = stack.url("gateway")
        customers = [Customer(each, url, script_of(each, size.bursts)) for each in range(size.customers)]
        faults = Faults(stack, customers, server, random.Random(size.seed))
        writing = [asyncio.create_task(customer.chat()) for customer in customers]
        try:
            await faults.go(size.rounds, size.pause)
            await asyncio.wait(writing, timeout=ALL_WRITTEN_WITHIN)
            await _come_to_rest(database)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)
        await _read_all(database, customers)
        await asyncio.to_thread(stack.stop)
        verdict = await judge(database, customers, stack.state_dir / "tracker.db")
        for pid in stack.left_behind():
            verdict.bad("left_behind", f"process {pid}")
        return verdict, faults.done
    finally:
        await asyncio.to_thread(stack.stop)
        await database.close()


async def _come_to_rest(database: Database) -> None:
    """Until no turn is open, or for as long as anything could still be under way."""
    try:
        async with asyncio.timeout(AT_REST_WITHIN):
            while await open_turns(database):
                await asyncio.sleep(0.5)
    except (TimeoutError, *STORE_ERRORS):
        return


async def _read_all(database: Database, customers: Sequence[Customer]) -> None:
    async with database.reading() as session:
        rows = await session.execute(select(Conversation.id, Conversation.last_sequence))
        lengths = dict(rows.all())
    await asyncio.gather(
        *(customer.read_all(lengths.get(customer.conversation_id, 0)) for customer in customers)
    )
