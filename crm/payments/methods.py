"""The ways of paying that a customer has on file."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.payments.errors import MethodUnknown
from crm.payments.models import CustomerPaymentMethod


async def methods_of(session: AsyncSession, customer_id: int) -> list[CustomerPaymentMethod]:
    """Those not removed, oldest first."""
    found = await session.scalars(
        select(CustomerPaymentMethod)
        .where(CustomerPaymentMethod.customer_id == customer_id, CustomerPaymentMethod.removed_at.is_(None))
        .order_by(CustomerPaymentMethod.id)
    )
    return list(found)


async def method_of(session: AsyncSession, customer_id: int, method_id: int) -> CustomerPaymentMethod:
    """One of the customer's own. Raises MethodUnknown, for another customer's as well."""
    found = await session.scalar(
        select(CustomerPaymentMethod).where(
            CustomerPaymentMethod.id == method_id,
            CustomerPaymentMethod.customer_id == customer_id,
            CustomerPaymentMethod.removed_at.is_(None),
        )
    )
    if found is None:
        raise MethodUnknown
    return found
