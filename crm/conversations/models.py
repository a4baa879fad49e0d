"""Tables of a conversation: itself, its messages, the bot's turns and the bot-tried ledger."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.conversations.handover import Handover
from crm.database import Base, new_id


class Author(StrEnum):
    """Who wrote a message; SYSTEM is the gateway's own voice."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class TurnState(StrEnum):
    """QUEUED and RUNNING are open; a turn ends once, as ANSWERED or ESCALATED."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    ANSWERED = "ANSWERED"
    ESCALATED = "ESCALATED"


class LedgerKind(StrEnum):
    """What an entry of the bot-tried ledger is about."""

    UNDERSTOOD = "understood"
    ACTION = "action"
    ARTICLE = "article"
    REFUSED = "refused"
    EFFECT = "effect"
    LATE = "late"


class Conversation(Base):
    """One customer's thread; `token_hash` is the SHA-256 of the secret its browser holds."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    visitor_id: Mapped[str] = mapped_column(String(32), index=True)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    handover: Mapped[Handover] = mapped_column(String(16), default=Handover.BOT)
    page: Mapped[dict[str, Any]]
    last_sequence: Mapped[int] = mapped_column(default=0)
    # The customer has had the transcript before their eyes up to here, on one device or another.
    customer_saw: Mapped[int] = mapped_column(default=0, server_default="0")
    # The transcript up to here is in Rasa's tracker; what follows is told to it before its next turn.
    bot_knows_sequence: Mapped[int] = mapped_column(default=0)
    bot_must_resume: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Message(Base):
    """One line of the transcript; `sequence` counts from 1 without gaps within its conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence"),
        UniqueConstraint(
            "conversation_id", "client_message_id", name="uq_messages_conversation_id_client_message_id"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    sequence: Mapped[int]
    author: Mapped[Author] = mapped_column(String(16))
    author_name: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[Any]] = mapped_column(default=list)
    attachment: Mapped[dict[str, Any] | None]
    client_message_id: Mapped[str | None] = mapped_column(String(64))
    turn_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]


class Turn(Base):
    """One customer message on its way through the bot. `bot_text` is what Rasa is told."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_conversation_id_state", "conversation_id", "state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_sequence: Mapped[int]
    bot_text: Mapped[str] = mapped_column(Text)
    state: Mapped[TurnState] = mapped_column(String(16), default=TurnState.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    # Who has sent it to the bot last; nobody else does as long as that gateway lives.
    gateway_id: Mapped[str | None] = mapped_column(String(32))
    failure: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """One thing the bot understood, looked up, did or refused; `once_key` bars a second entry."""

    __tablename__ = "ledger_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[LedgerKind] = mapped_column(String(16))
    data: Mapped[dict[str, Any]]
    once_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime]
