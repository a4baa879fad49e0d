"""The tables of asked questions and of corrections, with their closed lists."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class Outcome(StrEnum):
    """What the articles had: an answer, one that was given with a caveat, or none."""

    ANSWERED = "answered"
    POSSIBLE = "possible"
    UNANSWERED = "unanswered"


class Channel(StrEnum):
    """How a correction reached the customer."""

    CHAT = "chat"
    MAIL = "mail"


class AskedQuestion(Base):
    """One question of a customer and what was said to it.

    `slug` is the article it was answered from, or the nearest one where it was not answered (None without
    any); `passage` is what was said word for word, empty where nothing was. `score` is the search's, 0 to 1.
    `helped` is what the customer said of it, None as long as they said nothing.
    """

    __tablename__ = "asked_questions"
    __table_args__ = (
        UniqueConstraint("turn_id"),
        Index("ix_asked_questions_slug_asked_at", "slug", "asked_at"),
        Index("ix_asked_questions_outcome_asked_at", "outcome", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    slug: Mapped[str | None] = mapped_column(String(120))
    passage: Mapped[str] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Float)
    helped: Mapped[bool | None]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    judged_at: Mapped[datetime | None]


class Correction(Base):
    """Words that put right what an article used to say; `author` is who reviewed them."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), index=True)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]


class SentCorrection(Base):
    """A conversation that has got a correction; the unique key sends it once."""

    __tablename__ = "sent_corrections"
    __table_args__ = (UniqueConstraint("correction_id", "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("corrections.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    sent_at: Mapped[datetime]
