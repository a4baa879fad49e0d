"""Files without a row and rows without a file, where a process died between the two, are cleared away."""

import asyncio
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.folder import PhotoFolder
from crm.attachments.models import Attachment
from crm.database import Database
from crm.effects.services import effect_of, once

# A photo is written down a moment after its file is; on what is older than this nobody is at work.
LEFT_ALONE = timedelta(days=1)
_JOB = "sweep_photos"


@dataclass(frozen=True)
class Swept:
    """How many files and how many rows were dropped."""

    files: int
    rows: int


async def sweep_photos(database: Database, folder: PhotoFolder, now: datetime) -> Swept | None:
    """Drop what is older than a day and has lost its other half; None where it was done today.

    Once a day however many workers there are: the day's claim is part of the transaction, so that a worker
    that dies in the middle leaves the day to another.
    """
    day = f"sweep-{now.date()}"
    async with database.reading() as session:
        if await effect_of(session, turn_id=day, action=_JOB) is not None:
            return None
    before = now - LEFT_ALONE
    files = await asyncio.to_thread(folder.ages)

    async def perform() -> dict[str, Any]:
        rows = set(await session.scalars(select(Attachment.id)))
        lost = [photo_id for photo_id, written in files.items() if written < before and photo_id not in rows]
        for photo_id in lost:
            await asyncio.to_thread(folder.drop, photo_id)
        return asdict(Swept(len(lost), await _drop_rows(session, files, before)))

    async with database.transaction() as session:
        return Swept(**await once(session, turn_id=day, action=_JOB, perform=perform))


async def _drop_rows(session: AsyncSession, files: Collection[str], before: datetime) -> int:
    """None where no file lies there at all: then it is the folder that is away, not the photos."""
    if not files:
        return 0
    old = await session.scalars(select(Attachment.id).where(Attachment.created_at < before))
    lost = [photo_id for photo_id in old if photo_id not in files]
    for photo_id in lost:
        await session.execute(delete(Attachment).where(Attachment.id == photo_id))
    return len(lost)
