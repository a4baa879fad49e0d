"""What can be done to a customer's own data at the desk: one table of name, request and service."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.addresses import AddressProblem, read_address
from crm.customers.consent import change_consent
from crm.customers.contact import change_name, change_phone
from crm.customers.default_address import change_default_address
from crm.customers.email import change_email
from crm.customers.models import Customer
from crm.operations.occasion import Occasion
from crm.operations.undoing import undo as take_back
from gateway.desk.asked import (
    ChangeReversed,
    ContactAsked,
    DefaultAddressAsked,
    NewsletterAsked,
    Request,
)
from gateway.desk.belonging import check_change
from gateway.desk.errors import AddressUnreadable

Form = TypeVar("Form", bound=Request)


@dataclass(frozen=True)
class CustomerDeed:
    """An operation under way: whose data it changes, and what its records say of the occasion."""

    session: AsyncSession
    customer: Customer
    by: Occasion


@dataclass(frozen=True)
class CustomerOperation(Generic[Form]):
    """`run` calls one service and returns its receipt.

    What is done because the customer asks for it, `for_customer`, needs to know that it is the customer.
    """

    request: type[Form]
    run: Callable[[CustomerDeed, Form], Awaitable[Any]]
    for_customer: bool = True


async def _default_address(deed: CustomerDeed, asked: DefaultAddressAsked) -> Any:
    address = read_address(asked.address)
    if isinstance(address, AddressProblem):
        raise AddressUnreadable(address)
    return await change_default_address(
        deed.session, customer=deed.customer, address=address, kind=asked.kind, by=deed.by
    )


async def _phone(deed: CustomerDeed, asked: ContactAsked) -> Any:
    return await change_phone(deed.session, customer=deed.customer, phone=asked.value, by=deed.by)


async def _email(deed: CustomerDeed, asked: ContactAsked) -> Any:
    return await change_email(deed.session, customer=deed.customer, email=asked.value, by=deed.by)


async def _name(deed: CustomerDeed, asked: ContactAsked) -> Any:
    return await change_name(deed.session, customer=deed.customer, name=asked.value, by=deed.by)


async def _newsletter(deed: CustomerDeed, asked: NewsletterAsked) -> Any:
    return await change_consent(deed.session, customer=deed.customer, wanted=asked.wanted, by=deed.by)


async def _undo(deed: CustomerDeed, asked: ChangeReversed) -> Any:
    await check_change(deed.session, deed.customer, asked.reference)
    undone = await take_back(
        deed.session, reference=asked.reference, actor=deed.by.actor, now=deed.by.now, why=asked.because
    )
    return {"reference": undone.reference}


CUSTOMER_OPERATIONS: Mapping[str, CustomerOperation[Any]] = MappingProxyType(
    {
        "change_default_address": CustomerOperation(DefaultAddressAsked, _default_address),
        "change_phone": CustomerOperation(ContactAsked, _phone),
        "change_email": CustomerOperation(ContactAsked, _email),
        "change_name": CustomerOperation(ContactAsked, _name),
        "change_newsletter": CustomerOperation(NewsletterAsked, _newsletter),
        "undo": CustomerOperation(ChangeReversed, _undo, for_customer=False),
    }
)
