"""A new address for the account, for orders that are not packed, or for both; and wishes for people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.customers.addresses import PostalAddress
from crm.customers.default_address import put_into_place
from crm.customers.locking import locked_customer
from crm.customers.models import AddressKind, Customer
from crm.customers.rules import redirect_refusal
from crm.effects.services import once
from crm.operations.letters import send_address_changed, send_readdressed
from crm.operations.models import Operation
from crm.operations.occasion import ASKED, Occasion
from crm.operations.services import subject_name
from crm.orders.models import Order, OrderStatus
from crm.orders.readdressing import send_to
from crm.policy import policy


@dataclass(frozen=True)
class AddressChange:
    """What came of it: whether the account has the new address, which orders go there, and which do not.

    `references` are those of the operations: the account's, where its address is another one than before,
    and one for each order that goes there. Until `undo_until` the customer can take them back.
    """

    address: str
    account: bool
    redirected: tuple[str, ...]
    left_out: tuple[str, ...]
    references: tuple[str, ...] = ()
    undo_until: datetime | None = None


async def redirectable_orders(session: AsyncSession, customer_id: int) -> list[Order]:
    """The customer's orders that nobody has begun to pack, oldest first."""
    return list(
        await session.scalars(
            select(Order)
            .where(
                Order.customer_id == customer_id,
                Order.status.in_([OrderStatus(status) for status in policy().orders.cancellable]),
            )
            .order_by(Order.placed_at, Order.id)
        )
    )


async def change_address(
    session: AsyncSession,
    *,
    customer: Customer,
    address: PostalAddress,
    account: bool,
    kind: AddressKind = AddressKind.SHIPPING,
    order_numbers: Sequence[str],
    by: Occasion,
) -> AddressChange:
    """Save the address as the customer's default of its kind, send these orders there, and mail a receipt.

    Each order is judged as it is stored now; one that packing has begun meanwhile, or that is not the
    customer's, is left out. A second call of the same turn returns the first one's result.
    """

    async def perform() -> dict[str, Any]:
        # Sorted, since somebody else may lock the same orders at this moment.
        moved = {
            number: await _redirect(session, customer, number, address, by)
            for number in sorted(order_numbers)
        }
        sent = {number: each for number, each in moved.items() if each is not None}
        saved = None
        if account:
            current = await locked_customer(session, customer.id)
            saved = await put_into_place(session, current, kind, address, by)
        if saved is not None:
            there = [(number, each[1].reference) for number, each in sent.items()]
            await send_address_changed(session, customer, saved, there, by.now)
        else:
            for order, operation in sent.values():
                await send_readdressed(session, order, operation, str(address), by.now)
        done = [*([saved] if saved else []), *(operation for _, operation in sent.values())]
        until = max((each.undo_until for each in done if each.undo_until), default=None)
        change = AddressChange(
            str(address),
            account,
            tuple(sent),
            tuple(number for number in moved if number not in sent),
            tuple(each.reference for each in done),
        )
        return {**asdict(change), "undo_until": until.isoformat() if until else None}

    result = await once(session, turn_id=by.turn_id, action="change_address", perform=perform)
    listed = {name: tuple(result[name]) for name in ("redirected", "left_out", "references")}
    until = result["undo_until"]
    return AddressChange(
        **{**result, **listed, "undo_until": datetime.fromisoformat(until) if until else None}
    )


async def note_wish(
    session: AsyncSession,
    *,
    customer: Customer,
    action: str,
    wish: str,
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> None:
    """Write down that the customer asks for something a person will do, with the day the law counts from."""

    async def perform() -> dict[str, Any]:
        await record(
            session,
            actor="customer",
            action=action,
            subject=subject_name(customer),
            before={"value": None},
            after={"value": wish},
            why=ASKED,
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        return {"wish": wish}

    await once(session, turn_id=turn_id, action=action, perform=perform)


async def _redirect(
    session: AsyncSession, customer: Customer, number: str, address: PostalAddress, by: Occasion
) -> tuple[Order, Operation] | None:
    """The order with the operation that sent it to the address; None where it cannot go there."""
    found = await session.execute(
        select(Order)
        .where(Order.number == number, Order.customer_id == customer.id)
        .with_for_update(of=Order, key_share=True)
        .execution_options(populate_existing=True)
    )
    order = found.scalar_one_or_none()
    if order is None or redirect_refusal(order, address.country) is not None:
        return None
    return order, await send_to(session, order, address, by)
