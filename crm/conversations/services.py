"""Opening conversations and writing their transcripts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.errors import ChoiceExpired, ConversationNotFound, ForbiddenHandover
from crm.conversations.handover import Handover, may_become
from crm.conversations.models import Author, Conversation, Message
from crm.database import new_id
from crm.outbox.services import CONVERSATION, enqueue


@dataclass(frozen=True)
class Choice:
    """A quick reply: what the customer sees, and what it stands for (never sent to a browser)."""

    title: str
    payload: str


def hash_token(token: str) -> str:
    """SHA-256 is enough: the token is 32 random bytes, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_conversation(
    session: AsyncSession,
    *,
    token: str,
    address_hash: str,
    page: dict[str, Any],
    now: datetime,
    previous: Conversation | None = None,
) -> Conversation:
    """Begin a conversation, linked to the one it continues where there is one."""
    conversation = Conversation(
        id=new_id(),
        token_hash=hash_token(token),
        visitor_id=previous.visitor_id if previous else new_id(),
        address_hash=address_hash,
        previous_id=previous.id if previous else None,
        handover=Handover.BOT,
        page=page,
        last_sequence=0,
        bot_knows_sequence=0,
        bot_must_resume=False,
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    await session.flush()
    return conversation


async def conversation_by_id(session: AsyncSession, conversation_id: str) -> Conversation:
    """Raises ConversationNotFound."""
    found = await session.get(Conversation, conversation_id, populate_existing=True)
    if found is None:
        raise ConversationNotFound(f"no conversation {conversation_id}")
    return found


async def lock_conversation(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation as it is now, which nobody else changes until this transaction ends.

    Whoever checks something about a conversation and then writes begins with this, before anything
    else is locked: one order for all means that two of them never wait for each other
    (docs/decisions/0009). Rows that only point to the conversation may still be added.
    Raises ConversationNotFound.
    """
    found = await session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise ConversationNotFound(f"no conversation {conversation_id}")
    return found


async def conversation_by_token(session: AsyncSession, token: str) -> Conversation:
    """Raises ConversationNotFound."""
    found = await session.scalar(select(Conversation).where(Conversation.token_hash == hash_token(token)))
    if found is None:
        raise ConversationNotFound("no conversation with that token")
    return found


async def add_message(
    session: AsyncSession,
    conversation_id: str,
    *,
    author: Author,
    text: str,
    now: datetime,
    author_name: str | None = None,
    choices: Sequence[Choice] = (),
    attachment: dict[str, Any] | None = None,
    client_message_id: str | None = None,
    turn_id: str | None = None,
) -> Message:
    """Append to the transcript and tell whoever listens, in the same transaction.

    The sequence number comes from an UPDATE, which also makes concurrent writers of one
    conversation wait for each other. Raises ConversationNotFound.
    """
    sequence = await session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_sequence=Conversation.last_sequence + 1, updated_at=now)
        .returning(Conversation.last_sequence)
        .execution_options(synchronize_session="fetch")
    )
    if sequence is None:
        raise ConversationNotFound(f"no conversation {conversation_id}")
    message = Message(
        conversation_id=conversation_id,
        sequence=sequence,
        author=author,
        author_name=author_name,
        text=text,
        choices=[{"title": choice.title, "payload": choice.payload} for choice in choices],
        attachment=attachment,
        client_message_id=client_message_id,
        turn_id=turn_id,
        created_at=now,
    )
    session.add(message)
    await session.flush()
    await enqueue(session, CONVERSATION, {"conversation_id": conversation_id}, now)
    return message


async def message_by_client_id(
    session: AsyncSession, conversation_id: str, client_message_id: str
) -> Message | None:
    """The message a browser has sent before under this id, or None."""
    found: Message | None = await session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.client_message_id == client_message_id
        )
    )
    return found


async def messages_after(
    session: AsyncSession, conversation_id: str, sequence: int, limit: int = 500
) -> list[Message]:
    """What was said after that sequence number, oldest first."""
    found = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.sequence > sequence)
        .order_by(Message.sequence)
        .limit(limit)
    )
    return list(found)


async def note_customer_saw(session: AsyncSession, conversation_id: str, sequence: int) -> bool:
    """Keep how far the customer has read; False where they were as far, or nothing is there to read yet."""
    noted = await session.scalar(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            Conversation.customer_saw < sequence,
            Conversation.last_sequence >= sequence,
        )
        .values(customer_saw=sequence)
        .returning(Conversation.id)
    )
    return noted is not None


async def transcript(session: AsyncSession, conversation_id: str) -> list[Message]:
    """Everything said in a conversation, oldest first."""
    found = await session.scalars(
        select(Message).where(Message.conversation_id == conversation_id).order_by(Message.sequence)
    )
    return list(found)


async def chosen(session: AsyncSession, conversation: Conversation, sequence: int, index: int) -> Choice:
    """The choice a customer tapped. Raises ChoiceExpired unless its message is still the last one."""
    message = await session.scalar(
        select(Message).where(Message.conversation_id == conversation.id, Message.sequence == sequence)
    )
    if message is None or sequence != conversation.last_sequence or not 0 <= index < len(message.choices):
        raise ChoiceExpired(f"choice {index} of message {sequence} is not on offer")
    offered = message.choices[index]
    return Choice(title=offered["title"], payload=offered["payload"])


async def set_handover(
    session: AsyncSession, conversation: Conversation, wanted: Handover, now: datetime
) -> None:
    """Change who answers. Raises ForbiddenHandover where the picture has no such arrow."""
    current = Handover(conversation.handover)
    if current is wanted:
        return
    if not may_become(current, wanted):
        raise ForbiddenHandover(f"a conversation cannot go from {current} to {wanted}")
    conversation.handover = wanted
    conversation.updated_at = now
    conversation.closed_at = now if wanted is Handover.CLOSED else None
    if wanted is Handover.BOT:
        conversation.bot_must_resume = True
    await session.flush()
    await enqueue(session, CONVERSATION, {"conversation_id": conversation.id}, now)
