"""Signing in and out of the desk.

`log_in` takes the database and not a session, because it is three steps: count the attempt in one
transaction, check the password outside any, open the desk session in another.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.errors import EmailTaken, LoginLimited, LoginRefused
from crm.agents.models import Agent, AgentSession, LoginAttempt
from crm.agents.passwords import Passwords
from crm.agents.rules import (
    ATTEMPT_WINDOW,
    IDLE_LIMIT,
    LIFETIME,
    LONGEST_PASSWORD,
    LONGEST_USER_AGENT,
    SEEN_EVERY,
    WRONG_PER_ADDRESS,
    WRONG_PER_EMAIL,
    session_is_over,
)
from crm.database import Database, hold, new_id
from crm.mail.address import normalise_email

DEMO_NAME = "Mara Lindqvist"
DEMO_EMAIL = "mara@maple-moor.example"


@dataclass(frozen=True)
class SignedIn:
    """A fresh desk session. `token` goes into the cookie and is kept nowhere else."""

    agent: Agent
    token: str
    csrf_token: str
    expires_at: datetime


async def create_agent(
    session: AsyncSession, *, name: str, email: str, password_hash: str, now: datetime
) -> Agent:
    """Add an agent; the hash comes from `Passwords.hash`, made before the transaction began.

    Raises EmailTaken.
    """
    agent = Agent(
        name=name.strip(), email=normalise_email(email), password_hash=password_hash, created_at=now
    )
    try:
        async with session.begin_nested():
            session.add(agent)
    except IntegrityError as error:
        raise EmailTaken(email=agent.email) from error
    return agent


async def agent_by_email(session: AsyncSession, email: str) -> Agent | None:
    found: Agent | None = await session.scalar(
        select(Agent).where(Agent.email == _storable(normalise_email(email)))
    )
    return found


async def active_agents(session: AsyncSession) -> list[Agent]:
    return list(await session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)))


async def log_in(
    database: Database,
    passwords: Passwords,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str,
    now: datetime,
) -> SignedIn:
    """Open a desk session.

    Raises LoginLimited after too many wrong passwords for the e-mail or from the address, and
    LoginRefused alike (same words, same time) for a wrong password, an unknown e-mail and an agent
    who no longer works here.
    """
    password = password[: LONGEST_PASSWORD + 1]
    async with database.transaction() as session:
        attempt_id = await _count_attempt(session, email=email, address=address, now=now)
        agent = await agent_by_email(session, email)
    fits = await passwords.fits(password, agent.password_hash if agent is not None else None)
    if not fits or agent is None or not agent.active or len(password) > LONGEST_PASSWORD:
        raise LoginRefused()
    renewed = await passwords.hash(password) if passwords.outdated(agent.password_hash) else None
    async with database.transaction() as session:
        await _forgive(session, attempt_id=attempt_id, email=email)
        await _sweep(session, now)
        if renewed is not None and (kept := await session.get(Agent, agent.id)) is not None:
            kept.password_hash = renewed
        return await _open_session(session, agent=agent, user_agent=user_agent, now=now)


async def session_by_token(session: AsyncSession, token: str, now: datetime) -> AgentSession | None:
    """The living session of a cookie, its agent loaded; None where there is none (any more)."""
    found = await session.get(AgentSession, _digest(token))
    if found is None or not found.agent.active:
        return None
    if session_is_over(last_seen_at=found.last_seen_at, expires_at=found.expires_at, now=now):
        return None
    return found


def must_be_touched(desk_session: AgentSession, now: datetime) -> bool:
    return now - desk_session.last_seen_at >= SEEN_EVERY


async def touch(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """Note that the session is in use, which keeps it from expiring for being idle."""
    found = await session.get(AgentSession, token_hash)
    if found is not None and found.last_seen_at < now:
        found.last_seen_at = now


async def log_out(session: AsyncSession, token: str) -> None:
    """End the session of a cookie; doing so twice is no error."""
    await session.execute(delete(AgentSession).where(AgentSession.token_hash == _digest(token)))


async def ensure_demo_agent(
    database: Database, passwords: Passwords, *, password: str, now: datetime
) -> Agent:
    """The demo shop's agent, who can sign in with `password` from now on."""
    async with database.reading() as session:
        agent = await agent_by_email(session, DEMO_EMAIL)
    if agent is not None and await passwords.fits(password, agent.password_hash):
        return agent
    password_hash = await passwords.hash(password)
    async with database.transaction() as session:
        await hold(session, "the demo agent")
        agent = await agent_by_email(session, DEMO_EMAIL)
        if agent is None:
            return await create_agent(
                session, name=DEMO_NAME, email=DEMO_EMAIL, password_hash=password_hash, now=now
            )
        agent.password_hash = password_hash
        await session.execute(delete(AgentSession).where(AgentSession.agent_id == agent.id))
        return agent


async def _count_attempt(session: AsyncSession, *, email: str, address: str, now: datetime) -> str:
    """Count this attempt as wrong before it is checked, so that parallel guesses are limited too."""
    email_key, address_key = _digest("email:" + normalise_email(email)), _digest("address:" + address)
    await hold(session, email_key, address_key)
    recent = LoginAttempt.at > now - ATTEMPT_WINDOW
    for limit, is_same in (
        (WRONG_PER_EMAIL, LoginAttempt.email_key == email_key),
        (WRONG_PER_ADDRESS, LoginAttempt.address_key == address_key),
    ):
        wrong = await session.scalar(select(func.count()).select_from(LoginAttempt).where(is_same, recent))
        if (wrong or 0) >= limit:
            raise LoginLimited(minutes=int(ATTEMPT_WINDOW.total_seconds() // 60))
    attempt = LoginAttempt(id=new_id(), email_key=email_key, address_key=address_key, at=now)
    session.add(attempt)
    await session.flush()
    return attempt.id


async def _forgive(session: AsyncSession, *, attempt_id: str, email: str) -> None:
    """A right password clears its e-mail's count, never the address's: one account is no free pass."""
    await session.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))
    blank = _digest("email:")
    for attempt in await session.scalars(
        select(LoginAttempt).where(LoginAttempt.email_key == _digest("email:" + normalise_email(email)))
    ):
        attempt.email_key = blank


async def _sweep(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - ATTEMPT_WINDOW))
    over = or_(AgentSession.expires_at <= now, AgentSession.last_seen_at <= now - IDLE_LIMIT)
    await session.execute(delete(AgentSession).where(over))


async def _open_session(session: AsyncSession, *, agent: Agent, user_agent: str, now: datetime) -> SignedIn:
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.add(
        AgentSession(
            token_hash=_digest(token),
            agent_id=agent.id,
            csrf_token=csrf_token,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFETIME,
            user_agent=_storable(user_agent)[:LONGEST_USER_AGENT],
        )
    )
    await session.flush()
    return SignedIn(agent=agent, token=token, csrf_token=csrf_token, expires_at=now + LIFETIME)


def _storable(text: str) -> str:
    """Text from a stranger as a database can hold it: PostgreSQL takes no NUL, and neither takes half a
    character.
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
