"""Processes that want the same thing at the same moment; started by the tests with `spawn`."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from crm.database import Database
from crm.errors import SupportError
from crm.orders.services import cancel_order, order_by_number
from crm.outbox.services import claim_due
from crm.refunds.decisions import pay_request
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.returns.models import ReturnReason
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from tests.crm.factories import NOW

_barrier: Any = None


def race(runner: Any, arguments: list[tuple[Any, ...]]) -> list[Any]:
    """Run `runner` in a process for each tuple of arguments, all let go at once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(arguments))
    with ProcessPoolExecutor(
        len(arguments), mp_context=context, initializer=_meet_at, initargs=(barrier,)
    ) as pool:
        return [future.result(timeout=120) for future in [pool.submit(runner, *each) for each in arguments]]


def _meet_at(barrier: Any) -> None:
    global _barrier
    _barrier = barrier


def cancel(url: str, turn_id: str) -> str:
    """The reference of the cancellation, or the rule that refused it."""
    return asyncio.run(_cancel(url, turn_id))


async def _cancel(url: str, turn_id: str) -> str:
    database = Database(url)
    try:
        async with database.reading() as session:
            order = await order_by_number(session, "MM-10432")
        _barrier.wait(90)
        async with database.transaction() as session:
            done = await cancel_order(
                session, order=order, conversation_id="c" * 32, turn_id=turn_id, reason="test", now=NOW
            )
        return done.reference
    except SupportError as error:
        return error.response
    finally:
        await database.close()


def claim(url: str) -> list[int]:
    """The ids of the events this process got."""
    return asyncio.run(_claim(url))


async def _claim(url: str) -> list[int]:
    database = Database(url)
    try:
        await database.ping()
        _barrier.wait(90)
        taken: list[int] = []
        while True:
            async with database.transaction() as session:
                events = await claim_due(session, ["escalation"], 3, NOW)
            if not events:
                return taken
            taken += [event.id for event in events]
    finally:
        await database.close()


def ask_back(url: str, turn_id: str) -> str:
    """The reference of the refund request for the whole order, or the rule that refused it."""
    return asyncio.run(_ask_back(url, turn_id))


async def _ask_back(url: str, turn_id: str) -> str:
    database = Database(url)
    try:
        async with database.reading() as session:
            order = await order_by_number(session, "MM-10432")
        _barrier.wait(90)
        async with database.transaction() as session:
            receipt = await request_refund(
                session,
                order=order,
                reason=RefundReason.DAMAGED,
                parts=[Part(line.id, line.quantity) for line in order.lines],
                conversation_id="c" * 32,
                turn_id=turn_id,
                now=NOW,
            )
        return receipt.reference
    except SupportError as error:
        return error.response
    finally:
        await database.close()


def send_back(url: str, turn_id: str) -> str:
    """The reference of the return of the whole order, or the rule that refused it."""
    return asyncio.run(_send_back(url, turn_id))


async def _send_back(url: str, turn_id: str) -> str:
    database = Database(url)
    try:
        async with database.reading() as session:
            order = await order_by_number(session, "MM-10432")
        _barrier.wait(90)
        async with database.transaction() as session:
            receipt = await announce_return(
                session,
                order=order,
                wish=Wish(
                    tuple(Part(line.id, line.quantity) for line in order.lines), ReturnReason.CHANGED_MIND
                ),
                conversation_id="c" * 32,
                turn_id=turn_id,
                now=NOW,
            )
        return receipt.reference
    except SupportError as error:
        return error.response
    finally:
        await database.close()


def pay_back(url: str, actor: str) -> str:
    """`paid`, or the name of what forbade it."""
    return asyncio.run(_pay_back(url, actor))


async def _pay_back(url: str, actor: str) -> str:
    database = Database(url)
    try:
        await database.ping()
        _barrier.wait(90)
        async with database.transaction() as session:
            await pay_request(session, reference="MM-10432-F1", actor=actor, now=NOW)
        return "paid"
    except SupportError as error:
        return type(error).__name__
    finally:
        await database.close()


def receive(url: str, turn_id: str) -> str:
    """The reference of the return that was received, or the name of what forbade it."""
    return asyncio.run(_receive(url, turn_id))


async def _receive(url: str, turn_id: str) -> str:
    database = Database(url)
    try:
        async with database.reading() as session:
            order = await order_by_number(session, "MM-10432")
        _barrier.wait(90)
        async with database.transaction() as session:
            receipt = await receive_return(
                session,
                order=order,
                reference="MM-10432-R1",
                actor="agent 3",
                turn_id=turn_id,
                now=NOW,
            )
        return receipt.reference
    except SupportError as error:
        return type(error).__name__
    finally:
        await database.close()
