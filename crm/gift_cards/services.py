"""Moving money on gift cards: every movement is an entry of the ledger, and happens once."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.errors import BalanceTooLow
from crm.gift_cards.models import GiftCard, GiftCardEntry, GiftCardEntryKind


async def cards_of(session: AsyncSession, customer_id: int) -> list[GiftCard]:
    """The customer's gift cards, oldest first."""
    found = await session.scalars(
        select(GiftCard).where(GiftCard.customer_id == customer_id).order_by(GiftCard.id)
    )
    return list(found)


async def issue(
    session: AsyncSession,
    *,
    number: str,
    label: str,
    customer_id: int | None,
    amount: int,
    currency: str,
    now: datetime,
) -> GiftCard:
    """A new card with so much on it; `amount` may be 0, for a card that takes a refund."""
    card = GiftCard(
        number=number, label=label, customer_id=customer_id, currency=currency, balance=0, created_at=now
    )
    session.add(card)
    await session.flush()
    if amount:
        await add(session, card, amount, GiftCardEntryKind.ISSUED, f"issued {number}", now)
    return card


async def spend(
    session: AsyncSession, card: GiftCard, amount: int, reference: str, now: datetime, order_id: int | None
) -> None:
    """Take `amount` from the card. A second call with the same reference does nothing. Raises BalanceTooLow.

    The database takes it where there is enough, so that two orders at once never spend the same money.
    """
    if not await _write(session, card, -amount, GiftCardEntryKind.SPENT, reference, now, order_id):
        return
    taken = await session.execute(
        update(GiftCard)
        .where(GiftCard.id == card.id, GiftCard.balance >= amount)
        .values(balance=GiftCard.balance - amount)
        .execution_options(synchronize_session=False)
        .returning(GiftCard.balance)
    )
    left = taken.scalar_one_or_none()
    await session.refresh(card)
    if left is None:
        raise BalanceTooLow(card.label, card.balance, amount, card.currency)


async def add(
    session: AsyncSession,
    card: GiftCard,
    amount: int,
    kind: GiftCardEntryKind,
    reference: str,
    now: datetime,
    order_id: int | None = None,
) -> None:
    """Put `amount` onto the card, or take what was put there off again where it is negative.

    A second call with the same reference does nothing.
    """
    if not await _write(session, card, amount, kind, reference, now, order_id):
        return
    await session.execute(
        update(GiftCard)
        .where(GiftCard.id == card.id)
        .values(balance=GiftCard.balance + amount)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(card)


async def drifting_cards(session: AsyncSession) -> list[tuple[GiftCard, int]]:
    """Cards whose balance is not the sum of their entries, with that sum; there should be none."""
    ledger = func.coalesce(func.sum(GiftCardEntry.amount), 0)
    found = await session.execute(
        select(GiftCard, ledger)
        .outerjoin(GiftCardEntry, GiftCardEntry.gift_card_id == GiftCard.id)
        .group_by(GiftCard.id)
        .having(ledger != GiftCard.balance)
        .order_by(GiftCard.id)
    )
    return [(card, total) for card, total in found]


async def _write(
    session: AsyncSession,
    card: GiftCard,
    amount: int,
    kind: GiftCardEntryKind,
    reference: str,
    now: datetime,
    order_id: int | None,
) -> bool:
    """Whether the entry is new; the card's row is locked first, so that two of one reference wait."""
    await session.execute(select(GiftCard.id).where(GiftCard.id == card.id).with_for_update())
    known = await session.scalar(select(GiftCardEntry.id).where(GiftCardEntry.reference == reference))
    if known is not None:
        return False
    session.add(
        GiftCardEntry(
            gift_card_id=card.id, kind=kind, amount=amount, order_id=order_id, reference=reference, at=now
        )
    )
    await session.flush()
    return True
