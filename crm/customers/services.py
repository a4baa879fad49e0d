"""Finding customers."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer


async def customer_by_id(session: AsyncSession, customer_id: int) -> Customer | None:
    """The customer with their addresses, or None where the account is gone."""
    return (await session.execute(select(Customer).where(Customer.id == customer_id))).scalar_one_or_none()
