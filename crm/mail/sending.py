"""Putting mails into the outbox, with the files that go with them."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.mail.message import Enclosure
from crm.mail.texts import MailText
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL, enqueue


async def send_mail(
    session: AsyncSession, *, to: str, text: MailText, now: datetime, enclosures: Sequence[Enclosure] = ()
) -> OutboxEvent:
    """Leave a mail for the worker; it goes out when the caller's transaction has committed."""
    enclosed = [
        {"name": each.name, "content_type": each.content_type, "content": b64encode(each.content).decode()}
        for each in enclosures
    ]
    payload = {"to": to, "subject": text.subject, "text": text.body}
    return await enqueue(session, MAIL, payload | ({"enclosures": enclosed} if enclosed else {}), now)
