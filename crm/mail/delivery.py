"""Taking mails out of the outbox and sending them; run by the worker every few seconds."""

from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime

from crm.database import Database
from crm.mail.mailer import Mailer
from crm.mail.message import Enclosure, Mail, MailFailed
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL, claim_due, mark_delivered, mark_failed


@dataclass(frozen=True)
class DeliveryReport:
    sent: int
    failed: int


async def deliver_due_mail(database: Database, mailer: Mailer, *, limit: int = 5) -> DeliveryReport:
    """Send what is due. No transaction is open while a mail server is waited for.

    `limit` mails at ten seconds of time-out each must fit into the outbox's lease of a minute.
    """
    async with database.transaction() as session:
        events = await claim_due(session, [MAIL], limit, datetime.now(UTC))
    sent = 0
    for event in events:
        sent += await _deliver(database, mailer, event)
    return DeliveryReport(sent=sent, failed=len(events) - sent)


async def _deliver(database: Database, mailer: Mailer, event: OutboxEvent) -> bool:
    payload = event.payload
    enclosures = tuple(
        Enclosure(each["name"], each["content_type"], b64decode(each["content"]))
        for each in payload.get("enclosures", ())
    )
    mail = Mail(payload["to"], payload["subject"], payload["text"], _reference(event), enclosures)
    try:
        await mailer.send(mail)
    except MailFailed as failure:
        async with database.transaction() as session:
            await mark_failed(session, event, datetime.now(UTC), str(failure), permanent=failure.permanent)
        return False
    async with database.transaction() as session:
        await mark_delivered(session, event, datetime.now(UTC))
    return True


def _reference(event: OutboxEvent) -> str:
    """Sorts by time of writing, and is the same at every attempt."""
    return f"{event.created_at:%Y%m%dT%H%M%S}-{event.id:06d}"
