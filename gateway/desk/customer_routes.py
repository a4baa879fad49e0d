"""The desk's customers: whose conversation it is with their orders, and changing their own data.

A customer is never named by a request: it is who the conversation belongs to. One thing may be reached
besides, by the reference that the mail about it has: taking a change back in a conversation where nobody is
known. Who lost their mailbox to somebody else cannot prove it any more.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.models import Agent
from crm.customers.models import Customer
from crm.customers.services import customer_by_id
from crm.database import Database
from crm.effects.services import once
from crm.escalations.services import escalation_by_id, held_by
from crm.operations.occasion import Occasion
from crm.operations.services import customer_of_reference
from gateway.desk.asked import ChangeReversed, Request
from gateway.desk.auth import AGENT_SESSION, Doorkeeper
from gateway.desk.customer_operations import CUSTOMER_OPERATIONS, CustomerDeed
from gateway.desk.customer_view import conversations_customer
from gateway.desk.deeds import ASKED_AT_THE_DESK
from gateway.desk.errors import CustomerUnknown, IdentityUnproven, IdUsedElsewhere, NoSuchOperation
from gateway.desk.frames import read_body
from gateway.desk.reaching import Asking, asking
from gateway.desk.routes import answer
from gateway.desk.timeline import AGENT


class CustomersApi:
    """Every handler is wrapped in Doorkeeper.agents_only by the router below."""

    def __init__(self, database: Database, doorkeeper: Doorkeeper, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._doorkeeper = doorkeeper
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The part of /api/desk that is about customers, guarded."""
        agents = self._doorkeeper.agents_only
        one = "/api/desk/escalations/{escalation_id}"
        return [
            web.get(one + "/orders", agents(self.shown)),
            web.post(one + "/customer/operations/{operation}", agents(self.operate)),
        ]

    async def shown(self, request: web.Request) -> web.StreamResponse:
        """The conversation's customer and their orders; none, and no customer, where nobody is known."""
        async with self._database.reading() as session:
            by = await asking(session, await escalation_by_id(session, request.match_info["escalation_id"]))
            return answer(await conversations_customer(session, by, self._clock()))

    async def operate(self, request: web.Request) -> web.StreamResponse:
        """Do one of CUSTOMER_OPERATIONS once, in one transaction; answers with its receipt beside `shown`.

        The agent must hold the conversation, as for a reply.
        """
        name = request.match_info["operation"]
        operation = CUSTOMER_OPERATIONS.get(name)
        if operation is None:
            raise NoSuchOperation(name)
        asked = await read_body(request, operation.request)
        agent = request[AGENT_SESSION].agent
        async with self._database.transaction() as session:
            held = await held_by(session, request.match_info["escalation_id"], agent.id)
            receipt = await _done(session, name, asked, await asking(session, held), agent, self._clock())
        async with self._database.reading() as session:
            by = await asking(session, held)
            return answer({"receipt": receipt, **await conversations_customer(session, by, self._clock())})


async def _done(
    session: AsyncSession, name: str, asked: Request, by: Asking, agent: Agent, now: datetime
) -> Any:
    """The receipt; that of the first time where an answer was lost and the page asks again."""
    operation = CUSTOMER_OPERATIONS[name]
    customer = await _customer(session, asked, by)
    if operation.for_customer and asked.override is None and not by.proven:
        raise IdentityUnproven
    occasion = Occasion(
        # The bot's turns are known at the desk; none of them may answer for an agent's request.
        turn_id=f"desk-{asked.request_id}",
        now=now,
        conversation_id=by.conversation_id,
        actor=f"{AGENT}{agent.id}",
        why=ASKED_AT_THE_DESK,
        override=asked.override,
    )

    async def perform() -> dict[str, Any]:
        receipt = await operation.run(CustomerDeed(session, customer, occasion), asked)
        return {"customer": customer.id, "actor": occasion.actor, "receipt": to_jsonable_python(receipt)}

    done = await once(session, turn_id=occasion.turn_id, action=f"desk_{name}", perform=perform)
    if (done["customer"], done["actor"]) != (customer.id, occasion.actor):
        raise IdUsedElsewhere
    return done["receipt"]


async def _customer(session: AsyncSession, asked: Request, by: Asking) -> Customer:
    if by.customer_id is not None:
        found = await customer_by_id(session, by.customer_id)
    elif isinstance(asked, ChangeReversed):
        found = await customer_of_reference(session, asked.reference)
    else:
        found = None
    if found is None:
        raise CustomerUnknown
    return found
