"""Everything in a store that belongs to one customer, found by following the references to them."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.schema import metadata

# What a conversation keeps about itself, whoever writes in it.
OF_CONVERSATIONS = frozenset(
    {
        "conversations", "messages", "turns", "ledger_entries", "effects", "escalations", "outbox",
        "identity_attempts", "identity_proofs", "one_time_codes",
    }
)  # fmt: skip

Rows = dict[str, list[dict[str, Any]]]


async def owned_by(session: AsyncSession, customer_id: int) -> Rows:
    """Every row of the customer by table: their own, and whatever refers to one that is theirs."""
    found: Rows = {}
    keys: dict[str, set[Any]] = {}
    for table in metadata.sorted_tables:
        if table.name in OF_CONVERSATIONS:
            continue
        theirs = [
            foreign.parent.in_(keys[foreign.column.table.name])
            for foreign in table.foreign_keys
            if foreign.column.table.name in keys and foreign.column.table is not table
        ]
        if table.name == "customers":
            theirs = [table.c.id == customer_id]
        if not theirs:
            continue
        rows = await session.execute(select(table).where(or_(*theirs)).order_by(*table.primary_key.columns))
        found[table.name] = [dict(row) for row in rows.mappings()]
        if "id" in table.c:
            keys[table.name] = {row["id"] for row in found[table.name]}
    return found
