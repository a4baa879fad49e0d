"""Photos belong to the report they were sent for."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.models import Attachment


async def link_photos(session: AsyncSession, *, conversation_id: str, complaint_id: int) -> None:
    """Photos that were sent before the report belong to it, too."""
    await session.execute(
        update(Attachment)
        .where(Attachment.conversation_id == conversation_id, Attachment.complaint_id.is_(None))
        .values(complaint_id=complaint_id)
    )
