"""The bot-tried ledger: what the next reader should not have to find out again."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import LedgerEntry, LedgerKind
from crm.conversations.services import lock_conversation


async def note(
    session: AsyncSession,
    *,
    conversation_id: str,
    turn_id: str | None,
    kind: LedgerKind | str,
    data: dict[str, Any],
    now: datetime,
    once: str | None = None,
) -> bool:
    """Write one entry; False where it stands there already. Raises ConversationNotFound.

    What was understood is written once a turn, whoever says it first; any other entry repeats
    unless `once` names it within its turn and kind.
    """
    await lock_conversation(session, conversation_id)
    kind = LedgerKind(kind)
    if kind is LedgerKind.UNDERSTOOD:
        once = once or "turn"
    once_key = f"{turn_id}:{kind}:{once}" if once and turn_id else None
    if once_key is not None:
        known = await session.scalar(select(LedgerEntry.id).where(LedgerEntry.once_key == once_key))
        if known is not None:
            return False
    session.add(
        LedgerEntry(
            conversation_id=conversation_id,
            turn_id=turn_id,
            kind=kind,
            data=data,
            once_key=once_key,
            created_at=now,
        )
    )
    await session.flush()
    return True


async def entries_of(session: AsyncSession, conversation_id: str) -> list[LedgerEntry]:
    """The whole ledger of a conversation, oldest first."""
    found = await session.scalars(
        select(LedgerEntry).where(LedgerEntry.conversation_id == conversation_id).order_by(LedgerEntry.id)
    )
    return list(found)
