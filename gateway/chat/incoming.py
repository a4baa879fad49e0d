"""What a customer sends: stored once, then given to whoever answers now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.pictures import Picture
from crm.attachments.services import keep_photo
from crm.conversations.handover import Handover
from crm.conversations.models import Author, Conversation, Message
from crm.conversations.services import (
    Choice,
    add_message,
    chosen,
    conversation_by_id,
    lock_conversation,
    message_by_client_id,
    messages_after,
)
from crm.conversations.turns import queue_turn
from gateway.wording import COMMAND

EMPTY_FOR_BOT = "hello"


@dataclass(frozen=True)
class Received:
    """A stored message; `command` is set where the gateway itself has to act on it."""

    message: Message
    repeated: bool
    command: str | None = None


def bot_text(text: str) -> str:
    """The text as Rasa may see it: a leading slash would name an intent and so run anything."""
    start = 0
    while start < len(text) and (text[start] == "/" or text[start].isspace()):
        start += 1
    return text[start:] or EMPTY_FOR_BOT


async def receive_text(
    session: AsyncSession, conversation_id: str, *, client_message_id: str, text: str, now: datetime
) -> Received:
    """Store what the customer typed. A repeated id changes nothing."""
    known = await _known(session, conversation_id, client_message_id)
    if known is not None:
        return Received(known, repeated=True)
    return await _store(
        session, conversation_id, client_message_id, text, for_bot=bot_text(text), command=None, now=now
    )


async def receive_choice(
    session: AsyncSession,
    conversation_id: str,
    *,
    client_message_id: str,
    sequence: int,
    index: int,
    now: datetime,
) -> Received:
    """Store the quick reply a customer tapped. Raises ChoiceExpired; a repeated id changes nothing."""
    known = await _known(session, conversation_id, client_message_id)
    if known is not None:
        return Received(known, repeated=True)
    conversation = await conversation_by_id(session, conversation_id)
    choice = await chosen(session, conversation, sequence, index)
    command = choice.payload.removeprefix(COMMAND) if choice.payload.startswith(COMMAND) else None
    return await _store(
        session,
        conversation_id,
        client_message_id,
        choice.title,
        for_bot=choice.payload,
        command=command,
        now=now,
    )


async def receive_call_for_person(
    session: AsyncSession, conversation_id: str, *, client_message_id: str, text: str, now: datetime
) -> Received:
    """Store the tap on "talk to a person"; no bot is needed to honour it."""
    known = await _known(session, conversation_id, client_message_id)
    if known is not None:
        return Received(known, repeated=True)
    return await _store(
        session, conversation_id, client_message_id, text, for_bot="", command="talk_to_person", now=now
    )


async def receive_photo(
    session: AsyncSession,
    conversation_id: str,
    *,
    client_message_id: str,
    photo_id: str,
    picture: Picture,
    text: str,
    thanks: str,
    now: datetime,
) -> Received:
    """Store a photo as a message. The bot sees no pictures: it says that the photo is kept, and asks again.

    Raises PhotoRefused; a repeated id changes nothing.
    """
    known = await _known(session, conversation_id, client_message_id)
    if known is not None:
        return Received(known, repeated=True)
    photo = await keep_photo(
        session, photo_id=photo_id, conversation_id=conversation_id, name=text, picture=picture, now=now
    )
    conversation = await conversation_by_id(session, conversation_id)
    before = await messages_after(session, conversation_id, conversation.last_sequence - 1)
    message = await add_message(
        session,
        conversation_id,
        author=Author.CUSTOMER,
        text=text,
        attachment={"kind": "photo", "id": photo.id, "width": picture.width, "height": picture.height},
        client_message_id=client_message_id,
        now=now,
    )
    if conversation.handover == Handover.BOT:
        # What was offered last can only be tapped while its message is the last one.
        offered = [Choice(each["title"], each["payload"]) for last in before for each in last.choices]
        await add_message(session, conversation_id, author=Author.BOT, text=thanks, choices=offered, now=now)
    return Received(message, repeated=False)


async def _known(session: AsyncSession, conversation_id: str, client_message_id: str) -> Message | None:
    """The message this id already has; whoever sends the id again at this moment waits for our answer."""
    await lock_conversation(session, conversation_id)
    return await message_by_client_id(session, conversation_id, client_message_id)


async def _store(
    session: AsyncSession,
    conversation_id: str,
    client_message_id: str,
    text: str,
    *,
    for_bot: str,
    command: str | None,
    now: datetime,
) -> Received:
    message = await add_message(
        session,
        conversation_id,
        author=Author.CUSTOMER,
        text=text,
        client_message_id=client_message_id,
        now=now,
    )
    conversation: Conversation = await conversation_by_id(session, conversation_id)
    if command is None and conversation.handover == Handover.BOT:
        turn = await queue_turn(
            session,
            conversation_id=conversation_id,
            message_sequence=message.sequence,
            bot_text=for_bot,
            now=now,
        )
        message.turn_id = turn.id
        await session.flush()
    return Received(message, repeated=False, command=command)
