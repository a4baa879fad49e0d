"""Agents, their browser sessions and the wrong passwords that are counted against guessing."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import Base, new_id


class Agent(Base):
    """A person who answers customers. `email` is stored in lower case."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]

    @property
    def first_name(self) -> str:
        """What customers call an agent; the rest of the name is the agent's own."""
        return self.name.split()[0] if self.name.split() else self.name


class AgentSession(Base):
    """One signed-in browser. Only the SHA-256 of its token is kept: a stolen table opens nothing."""

    __tablename__ = "agent_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")

    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)


class LoginAttempt(Base):
    """A log-in that was wrong, or is not yet known to be right.

    The keys are SHA-256 of the e-mail and of the network address: enough to count, nothing to read.
    """

    __tablename__ = "agent_login_attempts"
    __table_args__ = (
        Index("ix_agent_login_attempts_email_key_at", "email_key", "at"),
        Index("ix_agent_login_attempts_address_key_at", "address_key", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
