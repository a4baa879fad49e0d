"""What a conversation has proven so far."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.identity.models import IdentityProof, Level


@dataclass(frozen=True)
class Proof:
    """What a conversation may rely on; `order_ids` are those proven one by one at level ORDER."""

    level: Level
    customer_id: int | None
    order_ids: frozenset[int]


NOTHING_PROVEN = Proof(Level.STRANGER, None, frozenset())


async def proof_of(session: AsyncSession, conversation_id: str) -> Proof:
    """What this conversation has proven so far."""
    rows = (
        (await session.execute(select(IdentityProof).where(IdentityProof.conversation_id == conversation_id)))
        .scalars()
        .all()
    )
    if not rows:
        return NOTHING_PROVEN
    level = Level.CUSTOMER if any(row.level is Level.CUSTOMER for row in rows) else Level.ORDER
    return Proof(
        level, rows[0].customer_id, frozenset(row.order_id for row in rows if row.order_id is not None)
    )
