"""Proving who is writing, in the three levels of the chat."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.services import lock_conversation
from crm.identity.access import (
    customer_for_acting,
    customer_for_reading,
    order_for_acting,
    order_for_reading,
)
from crm.identity.claims import Owner, claim_of, find_match, find_owner
from crm.identity.codes import code_matches, hash_code, new_code
from crm.identity.errors import CodeRejected, ProofRejected
from crm.identity.limits import Claim, count, key_of, refuse_beyond_limits, refuse_too_many_codes
from crm.identity.models import Attempt, IdentityProof, Level, OneTimeCode
from crm.identity.persons import Person, claim_of_person, find_person
from crm.identity.proofs import Proof, proof_of
from crm.mail.texts import render
from crm.orders.models import Order
from crm.outbox.services import MAIL, enqueue

VALID_FOR = timedelta(minutes=10)
TRIES = 5
RESEND_AFTER = timedelta(seconds=60)

__all__ = [
    "Level",
    "Proof",
    "check_code",
    "customer_for_acting",
    "customer_for_reading",
    "order_for_acting",
    "order_for_reading",
    "proof_of",
    "prove_order",
    "send_code",
    "send_code_to_person",
]


async def prove_order(
    session: AsyncSession, *, conversation_id: str, order_number: str, email: str, now: datetime
) -> Order:
    """Reach level ORDER for this order and return it.

    Raises ProofRejected (the wrong try is counted, so its changes are kept) and ProofLimited.
    """
    claim = await claim_of(session, conversation_id, order_number, email)
    await refuse_beyond_limits(session, claim, now)
    match = await find_match(session, conversation_id, order_number, email)
    if match is None:
        await count(session, claim, Attempt.WRONG_ORDER, now)
        raise ProofRejected
    session.add(
        IdentityProof(
            conversation_id=conversation_id,
            level=Level.ORDER,
            customer_id=match.customer_id,
            order_id=match.order_id,
            proven_at=now,
        )
    )
    await session.flush()
    return await _order_of(session, match.order_id)


async def send_code(
    session: AsyncSession, *, conversation_id: str, email: str, now: datetime, order_number: str | None = None
) -> None:
    """Queue a mail with a new code, if order and e-mail belong together; otherwise look exactly like it.

    Without an order number, the e-mail alone has to be a customer's. The code lives ten minutes,
    replaces earlier ones of the conversation, and works in it alone. Asking again within 60 seconds
    sends nothing. Raises ProofLimited.
    """
    claim = await claim_of(session, conversation_id, order_number, email)

    async def owner() -> Owner | None:
        if order_number is None:
            return await find_owner(session, conversation_id, email)
        return await find_match(session, conversation_id, order_number, email)

    await _send(session, claim, owner, now)


async def send_code_to_person(
    session: AsyncSession, *, conversation_id: str, name: str, postcode: str, now: datetime
) -> None:
    """Like `send_code`, to the e-mail on file of the customer of that name and postcode.

    Nothing of the address is told, and where there is no such customer it looks the same. Raises
    ProofLimited.
    """
    person = Person(name, postcode)
    claim = await claim_of_person(session, conversation_id, person)

    async def owner() -> Owner | None:
        return await find_person(session, conversation_id, person)

    await _send(session, claim, owner, now)


async def _send(
    session: AsyncSession, claim: Claim, find: Callable[[], Awaitable[Owner | None]], now: datetime
) -> None:
    await refuse_beyond_limits(session, claim, now)
    latest = await _latest_code(session, claim.conversation_id)
    if latest is not None and _is_repeat(latest, claim, now):
        return
    await refuse_too_many_codes(session, claim, now)
    await count(session, claim, Attempt.CODE_REQUEST, now)
    owner = await find()
    code = new_code()
    session.add(
        OneTimeCode(
            conversation_id=claim.conversation_id,
            customer_id=owner.customer_id if owner else None,
            order_key=claim.order_key,
            email_key=claim.email_key,
            code_hash=hash_code(code),
            sent_at=now,
            expires_at=now + VALID_FOR,
        )
    )
    text = render("one_time_code", code=code, name=owner.customer_name if owner else "")
    await enqueue(
        session,
        MAIL,
        {
            "to": owner.email if owner else "",
            "subject": text.subject,
            "text": text.body if owner else "",
        },
        now,
        discard=owner is None,
    )


async def check_code(session: AsyncSession, *, conversation_id: str, code: str, now: datetime) -> Proof:
    """Reach level CUSTOMER with the code that was sent last in this conversation; it works once.

    Raises CodeRejected (the wrong try is counted, so its changes are kept) and ProofLimited.
    """
    conversation = await lock_conversation(session, conversation_id)
    latest = await _latest_code(session, conversation_id)
    alone = key_of(f"no code in {conversation_id}")
    claim = Claim.of(
        conversation,
        order_key=latest.order_key if latest else alone,
        email_key=latest.email_key if latest else alone,
    )
    await refuse_beyond_limits(session, claim, now)
    right = code_matches(latest.code_hash if latest else None, code)
    proof = await proof_of(session, conversation_id)
    if latest is None or latest.customer_id is None or not (right and _is_usable(latest, proof, now)):
        if latest is not None:
            latest.tries += 1
        await count(session, claim, Attempt.WRONG_CODE, now)
        raise CodeRejected
    latest.used_at = now
    session.add(
        IdentityProof(
            conversation_id=conversation_id,
            level=Level.CUSTOMER,
            customer_id=latest.customer_id,
            order_id=None,
            proven_at=now,
        )
    )
    await session.flush()
    return await proof_of(session, conversation_id)


async def _latest_code(session: AsyncSession, conversation_id: str) -> OneTimeCode | None:
    """Only the newest counts: sending one replaces those before it."""
    found = await session.execute(
        select(OneTimeCode)
        .where(OneTimeCode.conversation_id == conversation_id)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()


def _is_repeat(code: OneTimeCode, claim: Claim, now: datetime) -> bool:
    return (
        code.used_at is None
        and now - code.sent_at < RESEND_AFTER
        and (code.order_key, code.email_key) == (claim.order_key, claim.email_key)
    )


def _is_usable(code: OneTimeCode, proof: Proof, now: datetime) -> bool:
    return (
        code.used_at is None
        and now < code.expires_at
        and code.tries < TRIES
        and proof.customer_id in (None, code.customer_id)
    )


async def _order_of(session: AsyncSession, order_id: int) -> Order:
    return (await session.execute(select(Order).where(Order.id == order_id))).scalar_one()
