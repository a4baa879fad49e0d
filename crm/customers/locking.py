"""One change of a customer's own data at a time."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer


async def locked_customer(session: AsyncSession, customer_id: int) -> Customer:
    """The customer with their addresses as stored now; two who change the same one wait for each other.

    Who also locks orders locks those first, sorted by number.
    """
    found = await session.execute(
        select(Customer)
        .where(Customer.id == customer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one()
