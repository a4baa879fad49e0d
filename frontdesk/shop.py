"""Loading a shop and auditing its books, as an operator does it."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from crm.gift_cards.services import drifting_cards
from crm.loading.services import load_shop
from crm.loading.tables import ShopUnreadable
from crm.money import format_money
from crm.orders.drift import drifting_orders, order_total
from frontdesk.errors import OperatorError
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings


async def load(settings: Settings, folder: Path, currency: str) -> list[str]:
    """Load the folder; returns what to say. Raises OperatorError, with nothing loaded."""
    if not re.fullmatch("[A-Z]{3}", currency):
        raise OperatorError(f"{currency!r} is no currency like USD or GBP.")
    async with ready_database(settings) as database:
        try:
            async with database.transaction() as session:
                loaded = await load_shop(session, folder, datetime.now(UTC), currency)
        except ShopUnreadable as error:
            raise OperatorError(str(error)) from error
    counts = asdict(loaded)
    new = counts.pop("new")
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return [f"{'Loaded' if new else 'It was all there already, and nothing changed'}: {said}."]


async def audit(settings: Settings) -> tuple[list[str], bool]:
    """What to say of the books, and whether any is wrong. Raises OperatorError."""
    async with ready_database(settings) as database, database.reading() as session:
        orders, cards = await drifting_orders(session), await drifting_cards(session)
        total = await order_total(session)
    said = [
        f"order {each.number}: paid less refunded is {format_money(each.held, each.currency)}, "
        f"its books say {format_money(each.booked, each.currency)}"
        for each in orders
    ]
    said += [
        f"{card.label}: balance {format_money(card.balance, card.currency)}, "
        f"its ledger says {format_money(ledger, card.currency)}"
        for card, ledger in cards
    ]
    wrong = bool(said)
    said.append(f"{total:,} orders: {len(orders)} do not add up; gift cards: {len(cards)} do not.")
    return said, wrong
