"""Asking the carrier for what the outbox holds: each label once, however often it is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.database import Database
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.outbox.models import OutboxEvent
from crm.outbox.services import CARRIER, claim_due, mark_delivered, mark_failed
from crm.returns.carrier import BOOK, CarrierRefused, CarrierTimedOut, Parcel, ReturnCarrier, label_of
from crm.returns.letters import send_label
from crm.returns.models import Return, ReturnState

BATCH = 20


@dataclass(frozen=True)
class LabelReport:
    """How many requests were done, and how many were not."""

    done: int
    failed: int


async def deliver_due_labels(
    database: Database, carrier: ReturnCarrier, now: datetime | None = None
) -> LabelReport:
    """Ask for everything that is due; what times out is asked again later, with the same key.

    What the carrier refuses stays as a dead letter: the customer can always be sent another label by hand.
    """
    async with database.transaction() as session:
        events = await claim_due(session, (CARRIER,), BATCH, now or datetime.now(UTC))
    done = 0
    for event in events:
        done += await _deliver(database, carrier, event, now)
    return LabelReport(done=done, failed=len(events) - done)


async def _deliver(
    database: Database, carrier: ReturnCarrier, event: OutboxEvent, now: datetime | None
) -> bool:
    task, return_id = event.payload["do"], event.payload["return"]
    async with database.reading() as session:
        sent = await session.get_one(Return, return_id)
        order = await session.get_one(Order, sent.order_id)
    try:
        code = await _ask(carrier, task, sent, order)
    except (CarrierRefused, CarrierTimedOut, OSError) as error:
        async with database.transaction() as session:
            refused = isinstance(error, CarrierRefused)
            why = f"{type(error).__name__}: {error}"
            await mark_failed(session, event, now or datetime.now(UTC), why, permanent=refused)
        return False
    async with database.transaction() as session:
        if await mark_delivered(session, event, now or datetime.now(UTC)) and code is not None:
            await _keep(session, return_id, code, now or datetime.now(UTC))
    return True


async def _ask(carrier: ReturnCarrier, task: str, sent: Return, order: Order) -> str | None:
    """The tracking code of a new label; None where one was let go, or none is needed any more."""
    key = f"{task}-{label_of(sent)}"
    if task != BOOK:
        await carrier.let_go(label_of(sent), key=key)
        return None
    if sent.state is not ReturnState.ANNOUNCED:
        return None
    return await carrier.book(Parcel(label_of(sent), order.ship_to_postcode, order.ship_to_country), key=key)


async def _keep(session: AsyncSession, return_id: int, code: str, now: datetime) -> None:
    """Store the code and mail it, unless the customer has taken the return back meanwhile."""
    sent = await session.get_one(Return, return_id)
    order = await locked_order(session, sent.order_id)
    await session.refresh(sent)
    sent.tracking_code = code
    if sent.state is ReturnState.ANNOUNCED:
        await send_label(session, order, sent, now)
