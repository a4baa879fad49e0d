"""Processes that do different things to one order at the same moment; started by the tests with `spawn`."""

import asyncio
from pathlib import Path
from typing import Any

from crm.database import Database
from crm.errors import SupportError
from crm.operations.undoing import undo
from crm.orders.changing_items import change_items
from crm.orders.services import cancel_order, order_by_number
from crm.payments.changing_method import change_payment
from crm.payments.delivery import deliver_due_payments
from crm.payments.sandbox import SandboxProvider
from tests.crm import racers
from tests.crm.factories import NOW
from tests.crm.wardrobe import NUMBER

BARRIER_S = 90


def operate(url: str, deed: str, turn_id: str, values: dict[str, Any]) -> str:
    """`done`, or the response that refused it."""
    return asyncio.run(_operate(url, deed, turn_id, values))


async def _operate(url: str, deed: str, turn_id: str, values: dict[str, Any]) -> str:
    database = Database(url)
    try:
        async with database.reading() as session:
            order = await order_by_number(session, NUMBER)
        racers._barrier.wait(BARRIER_S)
        if deed == "deliver":
            provider = SandboxProvider(Path(values["journal"]))
            await deliver_due_payments(database, provider, values["now"])
            return "done"
        async with database.transaction() as session:
            about = {"order": order, "conversation_id": "c" * 32, "turn_id": turn_id, "now": NOW}
            if deed == "cancel":
                await cancel_order(session, reason="other", **about)
            elif deed == "items":
                wanted = {values["line"]: values["variant"]}
                await change_items(session, wanted=wanted, method_id=values["method"], **about)
            elif deed == "payment":
                await change_payment(session, method_id=values["method"], **about)
            else:
                await undo(session, reference=values["reference"], actor="customer", now=NOW)
        return "done"
    except SupportError as error:
        return error.response
    finally:
        await database.close()
