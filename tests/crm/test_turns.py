"""The states of a turn and of a conversation move along the arrows of the pictures, and along no others."""

import re
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import update

from crm.conversations import handover, turns
from crm.conversations.errors import ForbiddenHandover, ForbiddenTurn
from crm.conversations.handover import Handover
from crm.conversations.models import Turn, TurnState
from crm.conversations.services import conversation_by_id, set_handover
from crm.conversations.turns import OPEN_STATES, SETTLED_STATES, begin_attempt, queue_turn, settle
from crm.database import Database
from tests.crm.factories import NOW, stored_conversation

PICTURES = Path(__file__).parents[2] / "docs" / "delivery.md"
ARROW = re.compile(r"^ +(\[\*\]|[A-Z]+) --> (\[\*\]|[A-Z]+)(: .+)?$", re.MULTILINE)


async def stored_turn(database: Database, state: TurnState) -> str:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        turn = await queue_turn(
            session, conversation_id=conversation_id, message_sequence=1, bot_text="hello", now=NOW
        )
        await session.execute(update(Turn).values(state=state).where(Turn.id == turn.id))
    return turn.id


async def state_of(database: Database, turn_id: str) -> TurnState:
    async with database.reading() as session:
        turn = await session.get(Turn, turn_id)
        assert turn is not None
        return TurnState(turn.state)


def drawn(states: type[StrEnum]) -> set[tuple[str, str]]:
    """The arrows of the picture that shows these states, without its beginning and its ends."""
    pictures = re.findall(r"```mermaid\n(.*?)```", PICTURES.read_text(encoding="utf-8"), re.DOTALL)
    for picture in pictures:
        arrows = {(source, target) for source, target, _ in ARROW.findall(picture)}
        if {state for arrow in arrows for state in arrow} - {"[*]"} == set(states):
            return {arrow for arrow in arrows if "[*]" not in arrow}
    raise AssertionError(f"no picture shows the states of {states.__name__}")


@pytest.mark.parametrize(
    ("states", "allowed"),
    [(TurnState, turns.ALLOWED), (Handover, handover.ALLOWED)],
    ids=["turn", "handover"],
)
def test_the_picture_has_the_arrows_of_the_enum(states, allowed) -> None:  # type: ignore[no-untyped-def]
    assert drawn(states) == {(source, target) for source in allowed for target in allowed[source]}


@pytest.mark.parametrize(("source", "target"), list(product(TurnState, SETTLED_STATES)))
async def test_a_turn_ends_only_where_an_arrow_leads(
    database: Database, source: TurnState, target: TurnState
) -> None:
    turn_id = await stored_turn(database, source)
    async with database.transaction() as session:
        if target in turns.ALLOWED[source]:
            assert await settle(session, turn_id, target, NOW)
        elif source in OPEN_STATES:
            with pytest.raises(ForbiddenTurn):
                await settle(session, turn_id, target, NOW)
        else:
            assert not await settle(session, turn_id, target, NOW)
    expected = target if target in turns.ALLOWED[source] else source
    assert await state_of(database, turn_id) == expected


@pytest.mark.parametrize("source", TurnState)
async def test_only_an_open_turn_is_sent_to_the_bot(database: Database, source: TurnState) -> None:
    turn_id = await stored_turn(database, source)
    async with database.transaction() as session:
        assert await begin_attempt(session, turn_id, NOW) is (source in OPEN_STATES)


@pytest.mark.parametrize("target", OPEN_STATES)
async def test_an_open_state_ends_no_turn(database: Database, target: TurnState) -> None:
    turn_id = await stored_turn(database, TurnState.RUNNING)
    async with database.transaction() as session:
        with pytest.raises(ForbiddenTurn):
            await settle(session, turn_id, target, NOW)


@pytest.mark.parametrize(("source", "target"), list(product(Handover, Handover)))
async def test_a_conversation_changes_hands_only_where_an_arrow_leads(
    database: Database, source: Handover, target: Handover
) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        conversation = await conversation_by_id(session, conversation_id)
        conversation.handover = source
        await session.flush()
        if source is target or target in handover.ALLOWED[source]:
            await set_handover(session, conversation, target, NOW)
            assert conversation.handover == target
        else:
            with pytest.raises(ForbiddenHandover):
                await set_handover(session, conversation, target, NOW)
