"""Every id in a request must belong to what it is about; what does not is as if it were not there."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.operations.services import operations_of
from crm.orders.models import Order
from crm.refunds.services import requests_of, returns_of
from crm.returns.models import RETURNS_UNDER_WAY
from gateway.desk.errors import NotOfThisCustomer, NotOfThisOrder


async def check_request(session: AsyncSession, order: Order, reference: str) -> None:
    """Raises NotOfThisOrder where the order has no refund request of this reference."""
    _check(reference, {request.reference for request in await requests_of(session, order.id)})


async def check_return(session: AsyncSession, order: Order, reference: str) -> None:
    """Raises NotOfThisOrder where nothing of this reference is under way back to us."""
    under_way = [sent for sent in await returns_of(session, order.id) if sent.state in RETURNS_UNDER_WAY]
    _check(reference, {sent.reference for sent in under_way})


async def check_operation(session: AsyncSession, order: Order, reference: str) -> None:
    """Raises NotOfThisOrder where nothing of this reference was done to the order."""
    _check(reference, {operation.reference for operation in await operations_of(session, order)})


async def check_change(session: AsyncSession, customer: Customer, reference: str) -> None:
    """Raises NotOfThisCustomer where nothing of this reference was done to the customer's own data."""
    if reference not in {operation.reference for operation in await operations_of(session, customer)}:
        raise NotOfThisCustomer


def check_lines(order: Order, line_ids: Collection[int]) -> None:
    """Raises NotOfThisOrder where one of the lines is another order's."""
    for line_id in line_ids:
        _check(line_id, {line.id for line in order.lines})


def _check(named: str | int, own: Collection[str | int]) -> None:
    if named not in own:
        raise NotOfThisOrder
