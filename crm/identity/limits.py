"""Counting tries across conversations, so that guessing anywhere slows guessing everywhere."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import Conversation
from crm.database import hold
from crm.identity.errors import ProofLimited
from crm.identity.models import Attempt, IdentityAttempt

WINDOW = timedelta(hours=1)
WRONG_TRIES = {"conversation_id": 5, "visitor_id": 10, "address_hash": 20, "order_key": 10, "email_key": 10}
CODE_REQUESTS = {"conversation_id": 5, "visitor_id": 10, "address_hash": 40, "order_key": 5, "email_key": 5}


@dataclass(frozen=True)
class Claim:
    """Who claims what, in the form that is counted."""

    conversation_id: str
    visitor_id: str
    address_hash: str
    order_key: str
    email_key: str

    @classmethod
    def of(cls, conversation: Conversation, order_key: str, email_key: str) -> "Claim":
        return cls(conversation.id, conversation.visitor_id, conversation.address_hash, order_key, email_key)


def key_of(text: str) -> str:
    """SHA-256 of what was claimed: enough to count it without keeping strangers' addresses."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


async def refuse_beyond_limits(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """Raises ProofLimited when wrong tries of the last hour reached a limit, before anything is looked up."""
    await _check(session, claim, (Attempt.WRONG_ORDER, Attempt.WRONG_CODE), WRONG_TRIES, now)


async def refuse_too_many_codes(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """Raises ProofLimited when too many codes were asked for: nobody's mailbox is to be flooded."""
    await _check(session, claim, (Attempt.CODE_REQUEST,), CODE_REQUESTS, now)


async def count(session: AsyncSession, claim: Claim, kind: Attempt, now: datetime) -> None:
    """Write a try down. The caller's error has `keeps_changes`, so the row outlives the refusal."""
    session.add(
        IdentityAttempt(
            kind=kind,
            at=now,
            conversation_id=claim.conversation_id,
            visitor_id=claim.visitor_id,
            address_hash=claim.address_hash,
            order_key=claim.order_key,
            email_key=claim.email_key,
        )
    )
    await session.flush()


async def _check(
    session: AsyncSession,
    claim: Claim,
    kinds: tuple[Attempt, ...],
    limits: Mapping[str, int],
    now: datetime,
) -> None:
    # Counting and writing down must be one step: guesses sent all at once are limited, too.
    await hold(session, *(f"{name} {getattr(claim, name)}" for name in limits))
    matches = {name: getattr(IdentityAttempt, name) == getattr(claim, name) for name in limits}
    tries = (
        await session.execute(
            select(*(func.count().filter(match).label(name) for name, match in matches.items())).where(
                IdentityAttempt.kind.in_(kinds), IdentityAttempt.at > now - WINDOW, or_(*matches.values())
            )
        )
    ).one()
    if any(getattr(tries, name) >= limit for name, limit in limits.items()):
        raise ProofLimited
