"""Keeping what customers report, once, and settling it with the conversation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.linking import link_photos
from crm.audit.services import record
from crm.complaints.models import Complaint, ComplaintKind, ComplaintState, Wish
from crm.effects.services import once
from crm.orders.models import Order

# Also the key under which a turn's report happens once.
ACTION = "report_problem"


async def report_problem(
    session: AsyncSession,
    *,
    order: Order,
    kind: ComplaintKind,
    items: Sequence[str],
    details: str,
    wish: Wish,
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> Complaint:
    """Store a report and write it into the audit log.

    A second call of the same turn returns the first one's report. A report of the same kind about the same
    order that is still open gets the new words added instead of a second one beside it. Raises ValueError
    where the same turn has reported another order.
    """

    async def perform() -> dict[str, Any]:
        # One report of an order at a time, since the next one's reference counts those before it.
        await session.execute(select(Order.id).where(Order.id == order.id).with_for_update(key_share=True))
        complaint = await _open_one(session, order.id, kind)
        before = {"state": None} if complaint is None else {"details": complaint.details}
        if complaint is None:
            complaint = Complaint(
                reference=await _next_reference(session, order),
                order_id=order.id,
                kind=kind,
                items=list(items),
                details=details,
                wish=wish,
                state=ComplaintState.OPEN,
                conversation_id=conversation_id,
                turn_id=turn_id,
                created_at=now,
            )
            session.add(complaint)
        else:
            complaint.details = f"{complaint.details}\n{details}".strip()
            complaint.items = list(dict.fromkeys([*complaint.items, *items]))
            complaint.wish = wish
            complaint.conversation_id = conversation_id
        await session.flush()
        await link_photos(session, conversation_id=conversation_id, complaint_id=complaint.id)
        await record(
            session,
            actor="customer",
            action=ACTION,
            subject=f"order {order.number}",
            before=before,
            after={"reference": complaint.reference, "kind": kind.value, "wish": wish.value},
            why="the customer reported it in the chat",
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        return {"complaint_id": complaint.id, "order_number": order.number, "reference": complaint.reference}

    result = await once(session, turn_id=turn_id, action=ACTION, perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has reported a problem of another order")
    return (
        await session.execute(select(Complaint).where(Complaint.id == result["complaint_id"]))
    ).scalar_one()


async def latest_complaint(session: AsyncSession, conversation_id: str) -> Complaint | None:
    """The newest report of this conversation that is still open."""
    found: Complaint | None = await session.scalar(
        select(Complaint)
        .where(Complaint.conversation_id == conversation_id, Complaint.state == ComplaintState.OPEN)
        .order_by(Complaint.created_at.desc(), Complaint.id.desc())
        .limit(1)
    )
    return found


async def settle_complaints(session: AsyncSession, conversation_id: str, now: datetime) -> None:
    """A person has resolved the conversation, and with it what was reported in it."""
    found = await session.scalars(
        select(Complaint).where(
            Complaint.conversation_id == conversation_id, Complaint.state == ComplaintState.OPEN
        )
    )
    for complaint in found:
        complaint.state = ComplaintState.SETTLED
        complaint.settled_at = now
    await session.flush()


async def _open_one(session: AsyncSession, order_id: int, kind: ComplaintKind) -> Complaint | None:
    found: Complaint | None = await session.scalar(
        select(Complaint)
        .where(
            Complaint.order_id == order_id,
            Complaint.kind == kind,
            Complaint.state == ComplaintState.OPEN,
        )
        .order_by(Complaint.id)
        .limit(1)
    )
    return found


async def _next_reference(session: AsyncSession, order: Order) -> str:
    """`MM-10432-P1`: the order's first problem."""
    known = await session.scalar(select(func.count()).where(Complaint.order_id == order.id))
    return f"{order.number}-P{int(known or 0) + 1}"
