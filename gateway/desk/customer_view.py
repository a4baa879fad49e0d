"""A customer as the desk's page shows them beside their orders: their own data, and what happened to them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import entries_about
from crm.customers.addresses import PostalAddress
from crm.customers.default_address import default_of
from crm.customers.models import AddressKind, Customer
from crm.customers.services import customer_by_id
from crm.gift_cards.services import cards_of
from crm.money import format_money
from crm.operations.models import Operation
from crm.operations.services import operations_of, subject_name
from crm.orders.services import orders_of
from gateway.desk.operation_view import iso, names_of, operation_row
from gateway.desk.order_view import order_row
from gateway.desk.reaching import Asking
from gateway.desk.timeline import changes

MOST_ORDERS = 50


async def conversations_customer(session: AsyncSession, by: Asking, now: datetime) -> dict[str, Any]:
    """The customer of a conversation with their orders; none, and no customer, where nobody is known."""
    customer = None if by.customer_id is None else await customer_by_id(session, by.customer_id)
    found = [] if customer is None else await orders_of(session, customer.id, MOST_ORDERS)
    return {
        "customer": None if customer is None else await customer_view(session, customer, now),
        "proven": by.proven,
        "orders": [order_row(order) for order in found],
    }


async def customer_view(session: AsyncSession, customer: Customer, now: datetime) -> dict[str, Any]:
    """As it is now; `newsletter.at` and `newsletter.source` are None where they were never kept."""
    operations = await operations_of(session, customer)
    audited = await entries_about(session, subject_name(customer))
    names = await names_of(session, [*operations, *audited])
    newest = _newest_of_each_kind(operations)
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "addresses": {kind.value: _address(customer, kind) for kind in AddressKind},
        "gift_cards": [
            {"label": card.label, "balance": format_money(card.balance, card.currency)}
            for card in await cards_of(session, customer.id)
        ],
        "newsletter": {
            "wanted": customer.marketing_consent,
            "at": iso(customer.consent_changed_at),
            "source": customer.consent_source.value if customer.consent_source else None,
        },
        "operations": [
            operation_row(operation, names, now, newest=operation.id in newest) for operation in operations
        ],
        "timeline": [
            {**asdict(event), "at": event.at.isoformat()} for event in changes(operations, audited, names)
        ],
    }


def _address(customer: Customer, kind: AddressKind) -> str | None:
    found = default_of(customer, kind)
    return None if found is None else str(PostalAddress(tuple(found.lines), found.postcode, found.country))


def _newest_of_each_kind(operations: list[Operation]) -> set[int]:
    """The ids of what can be taken back first; each kind stands by itself."""
    return set({each.kind: each.id for each in operations if each.undone_at is None}.values())
