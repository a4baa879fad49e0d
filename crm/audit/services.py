"""Keeping the audit log."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.models import AuditEntry


async def record(
    session: AsyncSession,
    *,
    actor: str,
    action: str,
    subject: str,
    before: dict[str, Any],
    after: dict[str, Any],
    why: str,
    conversation_id: str | None = None,
    turn_id: str | None = None,
    now: datetime | None = None,
) -> AuditEntry:
    """Write down a change in the transaction that makes it; `now` only where the caller has a clock."""
    entry = AuditEntry(
        at=now or datetime.now(UTC),
        actor=actor,
        action=action,
        subject=subject,
        before=before,
        after=after,
        why=why[:500],
        conversation_id=conversation_id,
        turn_id=turn_id,
    )
    session.add(entry)
    await session.flush()
    return entry


async def entries_about(session: AsyncSession, subject: str) -> list[AuditEntry]:
    """The history of one thing, oldest first."""
    return list(
        (
            await session.execute(
                select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
            )
        ).scalars()
    )
