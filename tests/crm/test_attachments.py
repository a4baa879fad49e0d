"""Photos belong to the report they were sent for, whichever came first."""

from sqlalchemy import select

from crm.attachments.models import Attachment
from crm.attachments.pictures import Picture
from crm.attachments.services import keep_photo
from crm.complaints.models import ComplaintKind, Wish
from crm.complaints.services import report_problem
from crm.database import Database, new_id
from tests.crm.factories import NOW, at_the_edge, stored_conversation, stored_order


async def test_photos_before_and_after_a_report_are_linked_to_it(database: Database) -> None:
    order = await stored_order(database)
    conversation_id, elsewhere = [await stored_conversation(database) for _ in range(2)]
    await _photo(database, conversation_id)
    await _photo(database, elsewhere)
    complaint = await at_the_edge(
        database,
        report_problem,
        order=order,
        kind=ComplaintKind.DAMAGED,
        items=["Moorland Wool Jumper, M"],
        details="A hole in the sleeve.",
        wish=Wish.REPLACEMENT,
        conversation_id=conversation_id,
        turn_id="turn-1",
        now=NOW,
    )
    await _photo(database, conversation_id)
    async with database.reading() as session:
        found = list(await session.scalars(select(Attachment)))
    linked = [photo.complaint_id for photo in found if photo.conversation_id == conversation_id]
    assert linked == [complaint.id, complaint.id]
    assert [photo.complaint_id for photo in found if photo.conversation_id == elsewhere] == [None]


async def _photo(database: Database, conversation_id: str) -> None:
    await at_the_edge(
        database,
        keep_photo,
        photo_id=new_id(),
        conversation_id=conversation_id,
        name="A photo",
        picture=Picture(b"a picture", 10, 10),
        now=NOW,
    )
