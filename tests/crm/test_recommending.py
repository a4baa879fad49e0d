"""What a colleague is recommended to do with a request for money back."""

from datetime import timedelta

import pytest

from crm.attachments.models import Attachment
from crm.database import Database
from crm.orders.models import OrderStatus
from crm.orders.services import order_by_number
from crm.refunds.models import RefundReason, RefundRequest, RequestState
from crm.refunds.recommending import Advice, advice, advice_for
from tests.crm.baskets import stored_basket
from tests.crm.factories import NOW, stored_conversation


@pytest.mark.parametrize(
    ("status", "reason", "photos", "paid_lately", "wise"),
    [
        (OrderStatus.SHIPPED, RefundReason.NOT_ARRIVED, 0, 0, Advice.PAY_LOST),
        (OrderStatus.DELIVERED, RefundReason.NOT_ARRIVED, 0, 0, Advice.LOOK_DELIVERED),
        (OrderStatus.DELIVERED, RefundReason.DAMAGED, 1, 0, Advice.PAY_SEEN),
        (OrderStatus.DELIVERED, RefundReason.DAMAGED, 0, 2, Advice.LOOK_UNSEEN),
        (OrderStatus.SHIPPED, RefundReason.NOT_ARRIVED, 0, 3, Advice.LOOK_OFTEN),
        (OrderStatus.DELIVERED, RefundReason.MISSING, 1, 3, Advice.LOOK_OFTEN),
    ],
)
def test_what_is_seen_or_lost_is_paid_and_the_rest_is_looked_at(
    status: OrderStatus, reason: RefundReason, photos: int, paid_lately: int, wise: Advice
) -> None:
    assert advice(status, reason, photos=photos, paid_lately=paid_lately) is wise


async def test_photos_of_the_conversation_and_requests_of_a_year_count(database: Database) -> None:
    await stored_basket(database)
    conversation = await stored_conversation(database)
    assert await wise(database, conversation) is Advice.LOOK_UNSEEN
    async with database.transaction() as session:
        session.add(
            Attachment(
                conversation_id=conversation,
                name="torn.jpg",
                content_type="image/jpeg",
                size=1,
                sha256="0" * 64,
                created_at=NOW,
            )
        )
    assert await wise(database, conversation) is Advice.PAY_SEEN
    await paid_requests(database, 2, days_ago=10)
    await paid_requests(database, 5, days_ago=400)
    assert await wise(database, conversation) is Advice.PAY_SEEN
    await paid_requests(database, 1, days_ago=300)
    assert await wise(database, conversation) is Advice.LOOK_OFTEN


async def wise(database: Database, conversation_id: str) -> Advice:
    async with database.reading() as session:
        order = await order_by_number(session, "MM-10432")
        return await advice_for(session, order, RefundReason.DAMAGED, conversation_id, NOW)


async def paid_requests(database: Database, count: int, *, days_ago: int) -> None:
    async with database.transaction() as session:
        order = await order_by_number(session, "MM-10432")
        session.add_all(
            RefundRequest(
                reference=f"MM-10432-F{days_ago}{number}",
                order_id=order.id,
                amount=100,
                currency="GBP",
                reason=RefundReason.DAMAGED,
                state=RequestState.PAID,
                conversation_id="c" * 32,
                turn_id=f"turn-{days_ago}-{number}",
                created_at=NOW - timedelta(days=days_ago),
            )
            for number in range(count)
        )
