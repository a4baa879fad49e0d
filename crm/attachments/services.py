"""Keeping the photos of a conversation, and showing them to who may see them."""

import hashlib
import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.errors import PhotoRefused, PhotoRule, PhotoUnknown
from crm.attachments.models import Attachment
from crm.attachments.pictures import CONTENT_TYPE, Picture
from crm.complaints.services import latest_complaint
from crm.conversations.services import lock_conversation
from crm.policy import policy

_AN_ID = re.compile(r"[0-9a-f]{32}")


async def keep_photo(
    session: AsyncSession, *, photo_id: str, conversation_id: str, name: str, picture: Picture, now: datetime
) -> Attachment:
    """Write down a photo; it belongs to the report of the conversation that is still open, if there is one.

    Raises PhotoRefused where the conversation has as many as the shop takes.
    """
    await lock_conversation(session, conversation_id)
    kept = await session.scalar(
        select(func.count()).select_from(Attachment).where(Attachment.conversation_id == conversation_id)
    )
    most = policy().attachments.most_per_conversation
    if (kept or 0) >= most:
        raise PhotoRefused(PhotoRule.ENOUGH, most=most)
    complaint = await latest_complaint(session, conversation_id)
    photo = Attachment(
        id=photo_id,
        conversation_id=conversation_id,
        complaint_id=complaint.id if complaint else None,
        name=name,
        content_type=CONTENT_TYPE,
        size=len(picture.content),
        sha256=hashlib.sha256(picture.content).hexdigest(),
        created_at=now,
    )
    session.add(photo)
    await session.flush()
    return photo


async def photos_of(session: AsyncSession, conversation_id: str) -> list[Attachment]:
    """The photos of a conversation, oldest first."""
    found = await session.scalars(
        select(Attachment)
        .where(Attachment.conversation_id == conversation_id)
        .order_by(Attachment.created_at, Attachment.id)
    )
    return list(found)


async def photo_of(session: AsyncSession, photo_id: str, conversation_id: str | None = None) -> Attachment:
    """The photo; with a conversation, only where it is that one's. Raises PhotoUnknown."""
    # Anything can stand in an address, and PostgreSQL refuses what is no text.
    photo = await session.get(Attachment, photo_id) if _AN_ID.fullmatch(photo_id) else None
    if photo is None or conversation_id not in (None, photo.conversation_id):
        raise PhotoUnknown
    return photo
