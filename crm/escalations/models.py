"""The escalations table and its closed lists."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.agents.models import Agent
from crm.database import Base, new_id


class Reason(StrEnum):
    """Why a person is needed."""

    ASKED_FOR = "asked_for"
    COMPLAINT = "complaint"
    UNSURE_TWICE = "unsure_twice"
    OUT_OF_SCOPE = "out_of_scope"
    ACTION_FAILED = "action_failed"
    BOT_UNAVAILABLE = "bot_unavailable"
    # The customer is angry, by how their messages sound, or insults and threatens.
    UPSET = "upset"
    ABUSIVE = "abusive"
    # Asked again for what a rule had refused.
    INSISTED = "insisted"
    # It cannot wait, or somebody may come to harm or needs particular care.
    URGENT = "urgent"
    VULNERABLE = "vulnerable"
    # A person dealt with the same thing within days.
    SAME_MATTER = "same_matter"
    # Prepared by the bot; only a person may do it.
    NEEDS_PERSON = "needs_person"


class Urgency(StrEnum):
    """How soon a person should look; the queue is sorted by it."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class EscalationState(StrEnum):
    """OPEN: waits in the queue. TAKEN: an agent has it. The others are ends."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    HANDED_BACK = "handed_back"
    WITHDRAWN = "withdrawn"


LIVE_STATES = (EscalationState.OPEN, EscalationState.TAKEN)
_LIVE = text("state IN ('open', 'taken')")


class Escalation(Base):
    """A conversation handed to people, with the document that tells its story."""

    __tablename__ = "escalations"
    __table_args__ = (
        Index(
            "uq_escalations_live_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_escalations_state_created_at", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[Reason] = mapped_column(String(32))
    urgency: Mapped[Urgency] = mapped_column(String(16))
    urgency_rank: Mapped[int]
    state: Mapped[EscalationState] = mapped_column(String(16))
    schema_version: Mapped[int]
    document: Mapped[dict[str, Any]]
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id"))
    # The customer was told their place in the queue.
    announced: Mapped[bool] = mapped_column(default=False)
    # The customer does not wait in the chat: they leave a message and expect an answer later.
    leaves_message: Mapped[bool] = mapped_column(default=False)
    seen_sequence: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    agent: Mapped[Agent | None] = relationship(lazy="selectin")
