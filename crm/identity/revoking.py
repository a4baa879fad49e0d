"""Ending what a mailbox has proven, once it is not the customer's any more."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.identity.models import IdentityProof, Level, OneTimeCode


async def revoke_mailbox(
    session: AsyncSession, customer_id: int, now: datetime, *, but: str | None = None
) -> None:
    """Codes under way run out, and conversations that a code has opened ask for another one.

    They stay this customer's and nobody else's. `but` is the conversation that shall keep its proof.
    """
    await session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.customer_id == customer_id,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(expires_at=now)
    )
    proven = update(IdentityProof).where(
        IdentityProof.customer_id == customer_id, IdentityProof.level == Level.CUSTOMER
    )
    if but is not None:
        proven = proven.where(IdentityProof.conversation_id != but)
    await session.execute(proven.values(level=Level.ORDER))
