"""The desk's orders: one with its story, what can be done to it, and doing it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.models import Agent
from crm.audit.services import record
from crm.database import Database
from crm.effects.services import once
from crm.escalations.services import escalation_by_id, held_by
from crm.orders.models import Order
from crm.payments.retrying import retry
from gateway.desk.asked import Asked
from gateway.desk.auth import AGENT_SESSION, Doorkeeper
from gateway.desk.deeds import Deed
from gateway.desk.errors import IdentityUnproven, IdUsedElsewhere, NoSuchOperation, NothingStuck
from gateway.desk.frames import read_body
from gateway.desk.operations import OPERATIONS
from gateway.desk.order_view import whole_order
from gateway.desk.reaching import Asking, asking, order_reached
from gateway.desk.routes import answer
from gateway.desk.situation import situation_of
from gateway.desk.timeline import AGENT
from gateway.desk.waiting_work import waiting_work
from gateway.errors import rule_of, told
from gateway.wording import Wording

# What a database can count to has ten.
MOST_DIGITS = 9


class OrdersApi:
    """Every handler is wrapped in Doorkeeper.agents_only by the router below."""

    def __init__(
        self, database: Database, doorkeeper: Doorkeeper, wording: Wording, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._doorkeeper = doorkeeper
        self._wording = wording
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The part of /api/desk that is about orders, guarded."""
        agents = self._doorkeeper.agents_only
        return [
            web.get("/api/desk/orders/{number}", agents(self.order)),
            web.post("/api/desk/orders/{number}/operations/{operation}", agents(self.operate)),
            web.get("/api/desk/work", agents(self.work)),
            web.post("/api/desk/dead-letters/{letter}/retry", agents(self.retry)),
        ]

    async def order(self, request: web.Request) -> web.StreamResponse:
        """One order by its number; with `?escalation=<id>` only one of that conversation's customer."""
        escalation_id = request.query.get("escalation")
        async with self._database.reading() as session:
            by = None
            if escalation_id is not None:
                by = await asking(session, await escalation_by_id(session, escalation_id))
            order = await order_reached(session, request.match_info["number"], by)
            return answer(await self._shown(session, order, by))

    async def operate(self, request: web.Request) -> web.StreamResponse:
        """Do one of OPERATIONS once, in one transaction; answers with its receipt and the order as it is now.

        In a conversation the agent must hold it, as for a reply.
        """
        name = request.match_info["operation"]
        operation = OPERATIONS.get(name)
        if operation is None:
            raise NoSuchOperation(name)
        asked = await read_body(request, operation.request)
        agent = request[AGENT_SESSION].agent
        async with self._database.transaction() as session:
            by = await self._held(session, asked, agent)
            order = await order_reached(session, request.match_info["number"], by)
            receipt = await _done(session, name, asked, order, by, agent, self._clock())
        async with self._database.reading() as session:
            order = await order_reached(session, order.number, by)
            shown = await self._shown(session, order, by)
        return answer({"receipt": receipt, **shown})

    async def work(self, _request: web.Request) -> web.StreamResponse:
        """What waits for a person besides conversations."""
        async with self._database.reading() as session:
            return answer(await waiting_work(session))

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Let something that is stuck be handed over again, now that its cause is gone."""
        letter = request.match_info["letter"]
        number = int(letter) if letter.isascii() and letter.isdigit() and len(letter) <= MOST_DIGITS else 0
        agent = request[AGENT_SESSION].agent
        now = self._clock()
        async with self._database.transaction() as session:
            if not await retry(session, number, now):
                raise NothingStuck
            await record(
                session,
                actor=f"{AGENT}{agent.id}",
                action="retry_dead_letter",
                subject=f"outbox {number}",
                before={"dead": True},
                after={"dead": False},
                why="asked for at the desk",
                now=now,
            )
            return answer(await waiting_work(session))

    async def _held(self, session: AsyncSession, asked: Asked, agent: Agent) -> Asking | None:
        if asked.escalation_id is None:
            return None
        return await asking(session, await held_by(session, asked.escalation_id, agent.id))

    async def _shown(self, session: AsyncSession, order: Order, by: Asking | None) -> dict[str, Any]:
        now = self._clock()
        return {
            "order": await whole_order(session, order, now),
            "possible": await self._possible(session, order, now),
            "proven": by is not None and by.proven,
        }

    async def _possible(self, session: AsyncSession, order: Order, now: datetime) -> list[dict[str, Any]]:
        """What can be done to the order as a whole, and which rule forbids the rest."""
        here = await situation_of(session, order, now)
        offered = []
        for name, operation in OPERATIONS.items():
            if operation.refused is None:
                continue
            error = operation.refused(here)
            offered.append(
                {
                    "name": name,
                    "for_customer": operation.for_customer,
                    "refusal": error and {"rule": rule_of(error), "text": told(error, self._wording)},
                    "reasons": [reason.value for reason in operation.reasons or ()],
                    "passable": sorted(rule.value for rule in operation.passable),
                }
            )
        return offered


async def _done(
    session: AsyncSession,
    name: str,
    asked: Asked,
    order: Order,
    by: Asking | None,
    agent: Agent,
    now: datetime,
) -> Any:
    """The receipt; that of the first time where an answer was lost and the page asks again."""
    operation = OPERATIONS[name]
    if operation.for_customer and asked.override is None and not (by is not None and by.proven):
        raise IdentityUnproven
    deed = Deed(
        session=session,
        order=order,
        actor=f"{AGENT}{agent.id}",
        override=asked.override,
        conversation_id=None if by is None else by.conversation_id,
        # The bot's turns are known at the desk; none of them may answer for an agent's request.
        turn_id=f"desk-{asked.request_id}",
        now=now,
    )

    async def perform() -> dict[str, Any]:
        receipt = await operation.run(deed, asked)
        return {"order": order.number, "actor": deed.actor, "receipt": to_jsonable_python(receipt)}

    done = await once(session, turn_id=deed.turn_id, action=f"desk_{name}", perform=perform)
    if (done["order"], done["actor"]) != (order.number, deed.actor):
        raise IdUsedElsewhere
    return done["receipt"]
