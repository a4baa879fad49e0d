"""Changing what is kept about a customer: once a turn, audited with what was there before."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.customers.addresses import PostalAddress
from crm.customers.models import Address, AddressKind, Customer
from crm.customers.rules import redirect_refusal
from crm.effects.services import once
from crm.mail.texts import render
from crm.operations.models import Operation
from crm.operations.services import CUSTOMER
from crm.orders.models import Order, OrderStatus
from crm.orders.readdressing import send_to
from crm.outbox.services import MAIL, enqueue
from crm.policy import policy

ASKED = "the customer asked for it in the chat and confirmed"


@dataclass(frozen=True)
class AddressChange:
    """What came of it: whether the account has the new address, which orders go there, and which do not.

    `references` are those of the operations, one for each order that goes there.
    """

    address: str
    account: bool
    redirected: tuple[str, ...]
    left_out: tuple[str, ...]
    references: tuple[str, ...] = ()


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
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> AddressChange:
    """Save the address as the customer's default of its kind, send these orders there, and mail a notice.

    Each order is judged as it is stored now; one that packing has begun meanwhile, or that is not the
    customer's, is left out. A second call of the same turn returns the first one's result.
    """

    async def perform() -> dict[str, Any]:
        redirected: list[str] = []
        left_out: list[str] = []
        references: list[str] = []
        # Sorted, since somebody else may lock the same orders at this moment.
        for number in sorted(order_numbers):
            moved = await _redirect(session, customer, number, address, conversation_id, turn_id, now)
            if moved is None:
                left_out.append(number)
            else:
                redirected.append(number)
                references.append(moved.reference)
        if account:
            before = _save_default(customer, kind, address)
            await _record(
                session,
                customer,
                f"change_{kind.value}_address",
                before,
                str(address),
                conversation_id,
                turn_id,
                now,
            )
        if account or redirected:
            await _notify(session, customer, now)
        change = AddressChange(str(address), account, tuple(redirected), tuple(left_out), tuple(references))
        return asdict(change)

    result = await once(session, turn_id=turn_id, action="change_address", perform=perform)
    return AddressChange(
        **{
            **result,
            "redirected": tuple(result["redirected"]),
            "left_out": tuple(result["left_out"]),
            "references": tuple(result["references"]),
        }
    )


async def change_phone(
    session: AsyncSession,
    *,
    customer: Customer,
    phone: str,
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> None:
    """Keep a new telephone number, and mail a notice; a second call of the same turn does nothing."""

    async def perform() -> dict[str, Any]:
        before, customer.phone = customer.phone, phone
        await _record(session, customer, "change_phone", before, phone, conversation_id, turn_id, now)
        await _notify(session, customer, now)
        return {"phone": phone}

    await once(session, turn_id=turn_id, action="change_phone", perform=perform)


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
        await _record(session, customer, action, None, wish, conversation_id, turn_id, now)
        return {"wish": wish}

    await once(session, turn_id=turn_id, action=action, perform=perform)


async def _redirect(
    session: AsyncSession,
    customer: Customer,
    number: str,
    address: PostalAddress,
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> Operation | None:
    """The operation that sent the order to the address; None where it cannot go there."""
    found = await session.execute(
        select(Order)
        .where(Order.number == number, Order.customer_id == customer.id)
        .with_for_update(of=Order, key_share=True)
        .execution_options(populate_existing=True)
    )
    order = found.scalar_one_or_none()
    if order is None or redirect_refusal(order, address.country) is not None:
        return None
    return await send_to(session, order, address, CUSTOMER, ASKED, conversation_id, turn_id, now)


def _save_default(customer: Customer, kind: AddressKind, address: PostalAddress) -> str | None:
    """Put the address into the default's place, or beside the others where there is none."""
    of_kind = [each for each in customer.addresses if each.kind is kind]
    current = next((each for each in of_kind if each.is_default), None)
    if current is None and kind is AddressKind.BILLING and of_kind:
        # Billing addresses know no default: there is one.
        current = of_kind[0]
    if current is None:
        customer.addresses.append(
            Address(
                kind=kind,
                lines=list(address.lines),
                postcode=address.postcode,
                country=address.country,
                is_default=kind is AddressKind.SHIPPING,
            )
        )
        return None
    before = PostalAddress(tuple(current.lines), current.postcode, current.country)
    current.lines = list(address.lines)
    current.postcode = address.postcode
    current.country = address.country
    return str(before)


async def _record(
    session: AsyncSession,
    customer: Customer,
    action: str,
    before: str | None,
    after: str,
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> None:
    await record(
        session,
        actor="customer",
        action=action,
        subject=f"customer {customer.id}",
        before={"value": before},
        after={"value": after},
        why=ASKED,
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )


async def _notify(session: AsyncSession, customer: Customer, now: datetime) -> None:
    """A mail to the address on file, so that a change somebody else has made does not go unnoticed."""
    text = render("details_changed", name=customer.name)
    await enqueue(session, MAIL, {"to": customer.email, "subject": text.subject, "text": text.body}, now)
