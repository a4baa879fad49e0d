"""Where an answer goes when the customer has left a message instead of waiting."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import Author
from crm.conversations.services import transcript
from crm.customers.services import customer_by_id
from crm.escalations.models import Escalation
from crm.identity.services import proof_of

# What people type into a chat; the mail server judges whether it exists.
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


async def reply_address(session: AsyncSession, escalation: Escalation) -> str | None:
    """The last e-mail address written in the conversation, else the proven customer's, else None."""
    for message in reversed(await transcript(session, escalation.conversation_id)):
        if message.author == Author.CUSTOMER and (found := ADDRESS.findall(message.text)):
            return str(found[-1])
    proof = await proof_of(session, escalation.conversation_id)
    customer = await customer_by_id(session, proof.customer_id) if proof.customer_id else None
    return customer.email if customer else None
