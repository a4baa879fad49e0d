"""What each level of proof opens, for as long as it counts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.identity.errors import NotProven
from crm.identity.proofs import proof_of
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number


async def order_for_reading(
    session: AsyncSession, conversation_id: str, order_number: str, now: datetime
) -> Order:
    """The order, where this conversation may read it. Raises NotProven, also where there is no such order."""
    proof = await proof_of(session, conversation_id)
    order_id, customer_id = await _whose(session, order_number)
    if proof.reads_order(order_id, now) or proof.reads_all_of(customer_id, now):
        return await _order_of(session, order_id)
    raise NotProven


async def order_for_acting(
    session: AsyncSession, conversation_id: str, order_number: str, now: datetime
) -> Order:
    """The order, where this conversation may change it: the customer's own, proven by mailbox.

    Raises NotProven, also where there is no such order.
    """
    proof = await proof_of(session, conversation_id)
    order_id, customer_id = await _whose(session, order_number)
    if proof.acts_for(customer_id, now):
        return await _order_of(session, order_id)
    raise NotProven


async def customer_for_reading(session: AsyncSession, conversation_id: str, now: datetime) -> Customer:
    """The customer whose mailbox this conversation has proven. Raises NotProven."""
    proof = await proof_of(session, conversation_id)
    if proof.reads_all_of(proof.customer_id, now):
        return await _customer_of(session, proof.customer_id)
    raise NotProven


async def customer_for_acting(session: AsyncSession, conversation_id: str, now: datetime) -> Customer:
    """The customer, where this conversation may change what is theirs. Raises NotProven."""
    proof = await proof_of(session, conversation_id)
    if proof.acts_for(proof.customer_id, now):
        return await _customer_of(session, proof.customer_id)
    raise NotProven


async def _whose(session: AsyncSession, order_number: str) -> tuple[int, int | None]:
    """Ids of the order and its customer, or (0, None).

    Only ids: loading a whole order before knowing that it may be read would show, by the time it
    takes, that it exists.
    """
    number = normalise_order_number(order_number) or ""
    row = (
        await session.execute(select(Order.id, Order.customer_id).where(Order.number == number))
    ).one_or_none()
    return (row[0], row[1]) if row is not None else (0, None)


async def _order_of(session: AsyncSession, order_id: int) -> Order:
    return (await session.execute(select(Order).where(Order.id == order_id))).scalar_one()


async def _customer_of(session: AsyncSession, customer_id: int | None) -> Customer:
    return (await session.execute(select(Customer).where(Customer.id == customer_id))).scalar_one()
