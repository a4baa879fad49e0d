"""Customers by name and postcode, for who remembers neither order number nor e-mail address."""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.services import lock_conversation
from crm.customers.models import Address, Customer
from crm.identity.claims import Owner
from crm.identity.limits import Claim, key_of
from crm.identity.proofs import proof_of

# More people than live behind one postcode and shop with us: what is read has an end.
_MOST_NEIGHBOURS = 200
_INWARD_PART = 3


@dataclass(frozen=True)
class Person:
    """Who somebody says they are."""

    name: str
    postcode: str


async def claim_of_person(session: AsyncSession, conversation_id: str, person: Person) -> Claim:
    """What is claimed, in the form that is counted: by the person, and by the postcode whoever is named.

    What is no name or no postcode counts for this conversation alone.
    """
    # Two proofs at once cannot give the conversation two customers.
    conversation = await lock_conversation(session, conversation_id)
    name, postcode = _folded(person.name), _compact(person.postcode)
    if not name or not postcode:
        name = postcode = f"unreadable in {conversation_id}"
    return Claim.of(
        conversation,
        order_key=key_of(f"postcode {postcode}"),
        email_key=key_of(f"{name} at {postcode}"),
    )


async def find_person(session: AsyncSession, conversation_id: str, person: Person) -> Owner | None:
    """The one customer of this name with an address there, where the conversation is not another's.

    The same two statements run whether anybody is found or not. Two people of one name behind one postcode
    cannot be told apart, so neither is found.
    """
    proof = await proof_of(session, conversation_id)
    rows = await session.execute(
        select(Customer.id, Customer.name, Customer.email)
        .where(
            Customer.id.in_(
                select(Address.customer_id).where(Address.postcode.in_(_written(person.postcode)))
            )
        )
        .order_by(Customer.id)
        .limit(_MOST_NEIGHBOURS)
    )
    wanted = _folded(person.name)
    same = [row for row in rows if wanted and _folded(row.name) == wanted]
    if len(same) != 1 or proof.customer_id not in (None, same[0].id):
        return None
    return Owner(same[0].id, same[0].name, same[0].email)


def _folded(name: str) -> str:
    """A name as it is compared: without case, accents, punctuation and middle names."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"[^\W\d_]+", "".join(mark for mark in apart if not unicodedata.combining(mark)))
    return " ".join([words[0], words[-1]]) if len(words) > 1 else ""


def _compact(postcode: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", postcode.upper())[:16]


def _written(postcode: str) -> list[str]:
    """The ways in which the store may have a postcode: with its space, without, and as it was typed."""
    compact = _compact(postcode)
    spaced = f"{compact[:-_INWARD_PART]} {compact[-_INWARD_PART:]}".strip()
    typed = re.sub(r"[^0-9A-Z -]", "", postcode.upper()).strip()[:16]
    return [compact, spaced, typed]
