"""Whose gift cards are whose."""

from crm.database import Database
from crm.gift_cards.services import cards_of, issue, spend
from tests.crm.factories import NOW, make_customer


async def test_a_customers_cards_are_theirs_alone_oldest_first_with_what_is_left(database: Database) -> None:
    async with database.transaction() as session:
        nia, owen = make_customer("nia@example.org"), make_customer("owen@example.org")
        session.add_all([nia, owen])
        await session.flush()
        for digits, owner, amount in (("8145", nia, 1_250), ("7007", owen, 9_900), ("0093", nia, 0)):
            card = await issue(
                session,
                number=f"number-{digits}",
                label=f"Gift card ending {digits}",
                customer_id=owner.id,
                amount=amount,
                currency="GBP",
                now=NOW,
            )
            if digits == "8145":
                await spend(session, card, 250, "payment 1", NOW, None)
        # Bought for somebody whom the shop does not know.
        await issue(
            session, number="1", label="Gift card", customer_id=None, amount=500, currency="GBP", now=NOW
        )
    async with database.reading() as session:
        found = await cards_of(session, nia.id)
    assert [(card.label, card.balance) for card in found] == [
        ("Gift card ending 8145", 1_000),
        ("Gift card ending 0093", 0),
    ]
