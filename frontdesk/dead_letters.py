"""What is stuck in the outbox, as an operator sees it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL, dead_letters
from crm.payments.retrying import retry as retry_letter
from frontdesk.errors import OperatorError
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings


@dataclass(frozen=True)
class DeadLetter:
    """An event nobody takes; `what` names no person."""

    id: int
    topic: str
    what: str
    since: datetime
    error: str


async def list_dead_letters(settings: Settings) -> list[DeadLetter]:
    """What is stuck, oldest first. Raises OperatorError where the database is not ready."""
    async with ready_database(settings) as database, database.reading() as session:
        return [
            DeadLetter(event.id, event.topic, _what(event), event.created_at, event.last_error or "")
            for event in await dead_letters(session)
        ]


async def retry(settings: Settings, number: int) -> None:
    """Put one back into the queue. Raises OperatorError where it is not stuck."""
    async with ready_database(settings) as database, database.transaction() as session:
        if not await retry_letter(session, number, datetime.now(UTC)):
            raise OperatorError(f"Nothing with the number {number} is stuck: see `frontdesk outbox list`.")


def _what(event: OutboxEvent) -> str:
    if event.topic == MAIL:
        return str(event.payload.get("subject", ""))
    return " ".join(f"{name} {value}" for name, value in event.payload.items())
