"""Comparing what a conversation claims with what the store knows, without showing which part was wrong."""

from dataclasses import dataclass
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.services import lock_conversation
from crm.customers.models import Customer
from crm.identity.limits import Claim, key_of
from crm.identity.proofs import proof_of
from crm.mail.address import normalise_email
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number


@dataclass(frozen=True)
class Owner:
    """A customer whose mailbox is claimed."""

    customer_id: int
    customer_name: str
    email: str


@dataclass(frozen=True)
class Match(Owner):
    """An order and an e-mail that belong together."""

    order_id: int


async def find_match(
    session: AsyncSession, conversation_id: str, order_number: str, email: str
) -> Match | None:
    """The order and its customer, where number and e-mail belong together and to this conversation.

    The same two statements and the same comparison run whatever exists; only columns are read, since
    loading a whole order takes longer than finding none.
    """
    proof = await proof_of(session, conversation_id)
    row = (
        await session.execute(
            select(Order.id, Customer.id, Customer.name, Customer.email)
            .join(Customer, Customer.id == Order.customer_id)
            .where(Order.number == (normalise_order_number(order_number) or ""))
        )
    ).one_or_none()
    order_id, customer_id, name, known_email = row or (0, 0, "", "")
    same_email = compare_digest(key_of(known_email), key_of(normalise_email(email)))
    same_customer = proof.customer_id in (None, customer_id)
    if row is not None and same_email and same_customer:
        return Match(customer_id, name, known_email, order_id)
    return None


async def find_owner(session: AsyncSession, conversation_id: str, email: str) -> Owner | None:
    """The customer with this e-mail, where this conversation does not belong to another one.

    The same two statements run whether the address is known or not.
    """
    proof = await proof_of(session, conversation_id)
    row = (
        await session.execute(
            select(Customer.id, Customer.name, Customer.email).where(Customer.email == _storable(email))
        )
    ).one_or_none()
    customer_id, name, known_email = row or (0, "", "")
    same_customer = proof.customer_id in (None, customer_id)
    return Owner(customer_id, name, known_email) if row is not None and same_customer else None


async def claim_of(
    session: AsyncSession, conversation_id: str, order_number: str | None, email: str
) -> Claim:
    """What is claimed, in the form that is counted.

    What is no order number or no e-mail counts for this conversation alone: one bucket for all
    unreadable texts would let a stranger use up everybody's tries.
    """
    # Two proofs at once cannot give the conversation two customers.
    conversation = await lock_conversation(session, conversation_id)
    alone = f"unreadable in {conversation_id}"
    return Claim.of(
        conversation,
        order_key=key_of(normalise_order_number(order_number or "") or alone),
        email_key=key_of(normalise_email(email) or alone),
    )


def _storable(email: str) -> str:
    """An e-mail as a database can compare it: neither SQLite nor PostgreSQL takes broken characters."""
    return normalise_email(email).replace("\0", "\ufffd").encode("utf-8", "replace").decode()
