"""Signs of life of gateways, for the others that share the store."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.gateways.models import Gateway


async def beat(session: AsyncSession, gateway_id: str, agents: Collection[str]) -> None:
    """Say that this gateway lives, and which agents have their desk open at it."""
    gateway = await session.get(Gateway, gateway_id)
    if gateway is None:
        gateway = Gateway(id=gateway_id, beats=0)
        session.add(gateway)
    gateway.beats += 1
    gateway.agents = sorted(agents)
    await session.flush()


async def known_gateways(session: AsyncSession) -> list[Gateway]:
    """All that ever beat and have not been forgotten, living or not."""
    return list(await session.scalars(select(Gateway)))


async def forget(session: AsyncSession, gateway_ids: Collection[str]) -> None:
    """Drop gateways that have long been silent; one that lives after all comes back with its next beat."""
    await session.execute(delete(Gateway).where(Gateway.id.in_(gateway_ids)))
