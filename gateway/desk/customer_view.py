"""A customer as the desk's page shows them beside their orders: gift cards, and whether they get news."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.gift_cards.services import cards_of
from crm.money import format_money


async def customer_view(session: AsyncSession, customer: Customer) -> dict[str, Any]:
    """As it is now; `newsletter.at` and `newsletter.source` are None where they were never kept."""
    at, source = customer.consent_changed_at, customer.consent_source
    return {
        "id": customer.id,
        "name": customer.name,
        "gift_cards": [
            {"label": card.label, "balance": format_money(card.balance, card.currency)}
            for card in await cards_of(session, customer.id)
        ],
        "newsletter": {
            "wanted": customer.marketing_consent,
            "at": at.isoformat() if at else None,
            "source": source.value if source else None,
        },
    }
