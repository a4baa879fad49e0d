"""What a conversation has proven so far, and for how long that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.identity.models import IdentityProof, Level

# A browser left open on a shared computer shows for half a day, and changes nothing after an hour.
READS_FOR = timedelta(hours=12)
ACTS_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Proof:
    """What a conversation has proven, however long ago: each thing with the time of its newest proof.

    `level` and `customer_id` stay, so that a conversation never passes to another customer and an agent
    sees who it was; what may still be read or changed is asked with the time.
    """

    level: Level
    customer_id: int | None
    orders_proven: Mapping[int, datetime] = field(default_factory=dict)
    mailbox_proven: datetime | None = None

    @property
    def order_ids(self) -> frozenset[int]:
        """The orders proven one by one at level ORDER."""
        return frozenset(self.orders_proven)

    def reads_order(self, order_id: int, now: datetime) -> bool:
        """Whether this very order was proven, and lately enough to show it."""
        return _is_fresh(self.orders_proven.get(order_id), READS_FOR, now)

    def reads_all_of(self, customer_id: int | None, now: datetime) -> bool:
        """Whether everything of this customer may be shown."""
        return self._is(customer_id) and _is_fresh(self.mailbox_proven, READS_FOR, now)

    def acts_for(self, customer_id: int | None, now: datetime) -> bool:
        """Whether something of this customer may be changed."""
        return self._is(customer_id) and _is_fresh(self.mailbox_proven, ACTS_FOR, now)

    def _is(self, customer_id: int | None) -> bool:
        return customer_id is not None and customer_id == self.customer_id


NOTHING_PROVEN = Proof(Level.STRANGER, None)


async def proof_of(session: AsyncSession, conversation_id: str) -> Proof:
    """What this conversation has proven so far."""
    rows = (
        (
            await session.execute(
                select(IdentityProof)
                .where(IdentityProof.conversation_id == conversation_id)
                .order_by(IdentityProof.id)
            )
        )
        .scalars()
        .all()
    )
    if not rows:
        return NOTHING_PROVEN
    mailbox = [row.proven_at for row in rows if row.level is Level.CUSTOMER]
    return Proof(
        level=Level.CUSTOMER if mailbox else Level.ORDER,
        customer_id=rows[0].customer_id,
        orders_proven={row.order_id: row.proven_at for row in rows if row.order_id is not None},
        mailbox_proven=max(mailbox, default=None),
    )


def _is_fresh(proven_at: datetime | None, within: timedelta, now: datetime) -> bool:
    return proven_at is not None and now - proven_at < within
