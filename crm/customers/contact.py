"""A customer's telephone number and name: changed once a turn, audited, with a receipt and the way back."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.contact_rules import ContactRule, contact_refusal, read_name
from crm.customers.errors import ContactRefused
from crm.customers.locking import locked_customer
from crm.customers.models import Customer
from crm.customers.receipts import CustomerChange
from crm.customers.rules import read_phone
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_account_changed
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import Occasion
from crm.operations.services import write_down


async def change_phone(
    session: AsyncSession, *, customer: Customer, phone: str, by: Occasion
) -> CustomerChange:
    """Keep a new telephone number. Raises ContactRefused, judged by the row as stored now."""
    read = read_phone(phone)
    if read is None:
        raise ContactRefused(ContactRule.NO_PHONE)
    return await _change(session, customer, OperationKind.CHANGE_PHONE, read, by)


async def change_name(
    session: AsyncSession, *, customer: Customer, name: str, by: Occasion
) -> CustomerChange:
    """Call the customer otherwise; parcels under way keep the name they were sent to. Raises ContactRefused.

    A person's doing: a name stands on invoices, so that somebody has to know why it is another one.
    """
    read = read_name(name)
    if read is None:
        raise ContactRefused(ContactRule.NO_NAME)
    return await _change(session, customer, OperationKind.CHANGE_NAME, read, by)


async def contact_as_before(
    session: AsyncSession, customer: Customer, operation: Operation, now: datetime
) -> None:
    """The inverse of both. Raises UndoRefused where it is not any more what the operation made of it."""
    field = _FIELDS[operation.kind]
    if getattr(customer, field) != operation.inverse["after"]:
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    setattr(customer, field, operation.inverse["before"])
    await session.flush()


_FIELDS = {OperationKind.CHANGE_PHONE: "phone", OperationKind.CHANGE_NAME: "name"}


async def _change(
    session: AsyncSession, customer: Customer, kind: OperationKind, value: str, by: Occasion
) -> CustomerChange:
    field = _FIELDS[kind]

    async def perform() -> dict[str, Any]:
        current = await locked_customer(session, customer.id)
        before = getattr(current, field)
        refusal = contact_refusal(before, value)
        if refusal is not None:
            raise ContactRefused(refusal)
        setattr(current, field, value)
        operation = await write_down(
            session,
            current,
            kind,
            by,
            action=kind.value,
            before={"value": before},
            after={"value": value},
            receipt={field: value},
            inverse={"before": before, "after": value},
        )
        await send_account_changed(session, current, operation, by.now)
        return CustomerChange.of(current, value, operation).stored()

    result = await once(session, turn_id=by.turn_id, action=kind.value, perform=perform)
    return CustomerChange.restored(result, customer, by.turn_id)
