"""What the bot made of each customer turn, read from the events of Rasa's tracker."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.ledger import note
from crm.conversations.models import LedgerKind

RANKED_INTENTS = 5


def understood(parse_data: Mapping[str, Any]) -> dict[str, Any]:
    """Ranked intents with confidence and the kinds of entities found, never their values."""
    ranking = parse_data.get("intent_ranking") or [parse_data.get("intent") or {}]
    return {
        "intents": [
            {"name": str(intent["name"]), "confidence": round(float(intent.get("confidence") or 0), 4)}
            for intent in ranking[:RANKED_INTENTS]
            if intent.get("name")
        ],
        "entities": sorted({str(entity["entity"]) for entity in parse_data.get("entities") or []}),
    }


def understood_turns(events: Iterable[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """(turn id, what was understood) for each user event that the gateway sent."""
    turns = []
    for event in events:
        if event.get("event") != "user":
            continue
        turn_id = (event.get("metadata") or {}).get("turn_id")
        if turn_id:
            turns.append((str(turn_id), understood(event.get("parse_data") or {})))
    return turns


async def note_understood(
    session: AsyncSession, *, conversation_id: str, events: Iterable[Mapping[str, Any]], now: datetime
) -> None:
    """Complete the ledger with the turns that no action has noted."""
    for turn_id, data in understood_turns(events):
        await note(
            session,
            conversation_id=conversation_id,
            turn_id=turn_id,
            kind=LedgerKind.UNDERSTOOD,
            data=data,
            now=now,
        )
