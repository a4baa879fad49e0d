"""Photos and their rows are cleared away where one has lost the other, a day later, once a day."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from crm.attachments.folder import PhotoFolder
from crm.attachments.models import Attachment
from crm.attachments.pictures import Picture
from crm.attachments.services import keep_photo
from crm.attachments.sweeping import Swept, sweep_photos
from crm.database import Database, new_id
from tests.crm.factories import NOW, at_the_edge, stored_conversation

LATER = NOW + timedelta(days=2)


async def test_only_old_halves_go_and_whole_photos_stay(database: Database, tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path)
    conversation_id = await stored_conversation(database)
    whole, no_file, young_row = [new_id() for _ in range(3)]
    no_row, young_file = new_id(), new_id()
    for photo_id, at in ((whole, NOW), (no_file, NOW), (young_row, LATER)):
        await _row(database, conversation_id, photo_id, at)
    for photo_id, at in ((whole, NOW), (no_row, NOW), (young_file, LATER)):
        _file(folder, tmp_path, photo_id, at)
    assert await sweep_photos(database, folder, LATER) == Swept(files=1, rows=1)
    assert set(folder.ages()) == {whole, young_file}
    assert await _rows(database) == {whole, young_row}


async def test_a_day_is_swept_once_and_the_next_one_again(database: Database, tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path)
    assert await sweep_photos(database, folder, LATER) == Swept(0, 0)
    lost = new_id()
    _file(folder, tmp_path, lost, NOW)
    assert await sweep_photos(database, folder, LATER) is None
    assert set(folder.ages()) == {lost}
    assert await sweep_photos(database, folder, LATER + timedelta(days=1)) == Swept(files=1, rows=0)


async def test_a_folder_that_is_away_costs_no_row(database: Database, tmp_path: Path) -> None:
    photo_id = new_id()
    await _row(database, await stored_conversation(database), photo_id, NOW)
    assert await sweep_photos(database, PhotoFolder(tmp_path / "away"), LATER) == Swept(0, 0)
    assert await _rows(database) == {photo_id}


def _file(folder: PhotoFolder, path: Path, photo_id: str, at: datetime) -> None:
    folder.keep(photo_id, b"a picture")
    os.utime(path / f"{photo_id}.jpg", (at.timestamp(), at.timestamp()))


async def _row(database: Database, conversation_id: str, photo_id: str, at: datetime) -> None:
    await at_the_edge(
        database,
        keep_photo,
        photo_id=photo_id,
        conversation_id=conversation_id,
        name="A photo",
        picture=Picture(b"a picture", 10, 10),
        now=at,
    )


async def _rows(database: Database) -> set[str]:
    async with database.reading() as session:
        return set(await session.scalars(select(Attachment.id)))
