"""The address that a customer's account has: where new orders go, and what stands on invoices."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.addresses import PostalAddress
from crm.customers.contact_rules import ContactRule
from crm.customers.errors import ContactRefused
from crm.customers.locking import locked_customer
from crm.customers.models import Address, AddressKind, Customer
from crm.customers.receipts import CustomerChange
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_account_changed
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import Occasion
from crm.operations.services import write_down

ACTION = OperationKind.CHANGE_DEFAULT_ADDRESS.value


async def change_default_address(
    session: AsyncSession,
    *,
    customer: Customer,
    address: PostalAddress,
    kind: AddressKind = AddressKind.SHIPPING,
    by: Occasion,
) -> CustomerChange:
    """Put the address into the default's place; orders keep theirs.

    A second call of the same turn returns the first one's receipt. Raises ContactRefused where it is so
    already.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_customer(session, customer.id)
        operation = await put_into_place(session, current, kind, address, by)
        if operation is None:
            raise ContactRefused(ContactRule.UNCHANGED)
        await send_account_changed(session, current, operation, by.now)
        return CustomerChange.of(current, str(address), operation).stored()

    result = await once(session, turn_id=by.turn_id, action=ACTION, perform=perform)
    return CustomerChange.restored(result, customer, by.turn_id)


def default_of(customer: Customer, kind: AddressKind) -> Address | None:
    """Billing addresses know no default: there is one."""
    of_kind = [each for each in customer.addresses if each.kind is kind]
    default = next((each for each in of_kind if each.is_default), None)
    return default or (of_kind[0] if of_kind and kind is AddressKind.BILLING else None)


async def put_into_place(
    session: AsyncSession, customer: Customer, kind: AddressKind, address: PostalAddress, by: Occasion
) -> Operation | None:
    """Give a locked customer the address, as a new one where there was none; None where it is so already."""
    current = default_of(customer, kind)
    before = None if current is None else _postal(current)
    if before == address:
        return None
    if current is None:
        current = Address(kind=kind, is_default=kind is AddressKind.SHIPPING)
        customer.addresses.append(current)
    _write(current, address)
    await session.flush()
    return await write_down(
        session,
        customer,
        OperationKind.CHANGE_DEFAULT_ADDRESS,
        by,
        action=f"change_{kind.value}_address",
        before={"value": None if before is None else str(before)},
        after={"value": str(address)},
        receipt={"address": str(address), "of": kind.value},
        inverse={
            "address": current.id,
            "before": None if before is None else _stored(before),
            "after": _stored(address),
        },
    )


async def address_as_before(
    session: AsyncSession, customer: Customer, operation: Operation, now: datetime
) -> None:
    """The inverse. Raises UndoRefused where it is not any more the address that the operation left."""
    before, after = operation.inverse["before"], operation.inverse["after"]
    current = next((each for each in customer.addresses if each.id == operation.inverse["address"]), None)
    if current is None or _stored(_postal(current)) != after:
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    if before is None:
        customer.addresses.remove(current)
    else:
        _write(current, PostalAddress(tuple(before["lines"]), before["postcode"], before["country"]))
    await session.flush()


def _write(address: Address, new: PostalAddress) -> None:
    address.lines, address.postcode, address.country = list(new.lines), new.postcode, new.country


def _postal(address: Address) -> PostalAddress:
    return PostalAddress(tuple(address.lines), address.postcode, address.country)


def _stored(address: PostalAddress) -> dict[str, Any]:
    return {"lines": list(address.lines), "postcode": address.postcode, "country": address.country}
