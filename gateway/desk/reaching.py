"""Which orders an agent reaches, by number or through a conversation, and what the customer has proven."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm.escalations.models import Escalation
from crm.identity.proofs import proof_of
from crm.identity.services import Level
from crm.orders.errors import OrderNotFound
from crm.orders.models import Order
from crm.orders.services import order_by_number


@dataclass(frozen=True)
class Asking:
    """Who asks in a conversation: the customer it belongs to, and whether their mailbox was proven in it."""

    conversation_id: str
    customer_id: int | None
    proven: bool


async def asking(session: AsyncSession, escalation: Escalation) -> Asking:
    """Who asks in the escalated conversation; an hour at the desk does not wear a proof out."""
    proof = await proof_of(session, escalation.conversation_id)
    return Asking(escalation.conversation_id, proof.customer_id, proof.level is Level.CUSTOMER)


async def order_reached(session: AsyncSession, number: str, by: Asking | None) -> Order:
    """The order of this number; in a conversation that belongs to a customer, only one of theirs.

    Raises OrderNotFound, for another customer's, too: what an agent opens beside a conversation is what
    they will speak about in it.
    """
    order = await order_by_number(session, number)
    if by is not None and by.customer_id is not None and by.customer_id != order.customer_id:
        raise OrderNotFound
    return order
