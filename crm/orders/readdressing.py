"""Sending an order that is not packed to another address, and back to the one before."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.addresses import PostalAddress
from crm.customers.rules import RedirectRule, redirect_refusal
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_readdressed
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import Occasion
from crm.operations.services import write_down
from crm.orders.errors import AddressRefused
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.orders.rules import may_be_cancelled

POLICY_RULES = frozenset({RedirectRule.PACKING})
"""What an agent may go past with a reason: whoever packs is told. The others are about what is there."""


@dataclass(frozen=True)
class Readdressed:
    """The receipt: where the order goes now."""

    order_number: str
    reference: str
    address: str


async def readdress_order(
    session: AsyncSession, *, order: Order, address: PostalAddress, by: Occasion
) -> Readdressed:
    """Send this one order to the address, and mail a receipt; the customer's account keeps its own.

    A second call of the same turn returns the first one's receipt. Raises AddressRefused, judged by the order
    as it is stored now.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        rule = redirect_refusal(current, address.country)
        if rule is not None and not (by.override and rule in POLICY_RULES):
            raise AddressRefused(rule)
        operation = await send_to(session, current, address, by)
        await send_readdressed(session, current, operation, str(address), by.now)
        return asdict(Readdressed(current.number, operation.reference, str(address)))

    return Readdressed(**await once(session, turn_id=by.turn_id, action="readdress_order", perform=perform))


async def send_to(session: AsyncSession, order: Order, address: PostalAddress, by: Occasion) -> Operation:
    """Give a locked order its new address, with its audit entry and what undoes it; nothing is judged."""
    before = PostalAddress(tuple(order.ship_to_lines), order.ship_to_postcode, order.ship_to_country)
    order.ship_to_lines = list(address.lines)
    order.ship_to_postcode = address.postcode
    order.ship_to_country = address.country
    return await write_down(
        session,
        order,
        OperationKind.CHANGE_ADDRESS,
        by,
        action="redirect_order",
        before={"address": str(before)},
        after={"address": str(address)},
        receipt={"address": str(address)},
        inverse={"lines": list(before.lines), "postcode": before.postcode, "country": before.country},
    )


async def send_as_before(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Give the order its former address. Raises UndoRefused where packing has begun."""
    if not may_be_cancelled(order.status):
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    before = operation.inverse
    order.ship_to_lines, order.ship_to_postcode = before["lines"], before["postcode"]
    order.ship_to_country = before["country"]
    await session.flush()
