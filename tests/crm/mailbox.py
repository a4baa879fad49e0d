"""What waits in the outbox to be mailed."""

import re
from typing import Any

from sqlalchemy import select

from crm.database import Database
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL


async def mails_waiting(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        found = await session.execute(
            select(OutboxEvent.payload)
            .where(OutboxEvent.topic == MAIL, OutboxEvent.delivered_at.is_(None))
            .order_by(OutboxEvent.id)
        )
        return list(found.scalars())


async def codes_sent(database: Database, email: str) -> list[str]:
    """The codes on their way to this address, oldest first."""
    texts = [mail["text"] for mail in await mails_waiting(database) if mail["to"] == email]
    return [found.group() for text in texts if (found := re.search(r"\b[0-9]{6}\b", text))]
