"""What was done, as the desk's page shows it beside an order or a customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.models import Agent
from crm.operations.models import Operation
from gateway.desk.timeline import agents_in, who


def operation_row(
    operation: Operation, names: dict[str, str], now: datetime, *, newest: bool
) -> dict[str, Any]:
    """`reversible`: an agent may take it back, the newest first; `customer_until` where they can, too."""
    return {
        "reference": operation.reference,
        "kind": operation.kind.value,
        "who": who(operation.actor, names),
        "override": operation.override,
        "done_at": operation.done_at.isoformat(),
        "receipt": operation.receipt,
        "reversible": newest and bool(operation.inverse),
        "customer_until": iso(operation.undo_until)
        if newest and operation.undo_until is not None and operation.undo_until > now
        else None,
        "undone_at": iso(operation.undone_at),
        "undone_by": None if operation.undone_by is None else who(operation.undone_by, names),
    }


async def names_of(session: AsyncSession, acted: Sequence[Any]) -> dict[str, str]:
    """The names of the agents who did any of it, by id."""
    actors = [each.actor for each in acted] + [getattr(each, "undone_by", None) for each in acted]
    found = await session.scalars(select(Agent).where(Agent.id.in_(agents_in(actors))))
    return {agent.id: agent.name for agent in found}


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
