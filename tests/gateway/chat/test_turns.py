"""A turn happens once, whatever breaks on its way."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from crm.conversations.models import Conversation, LedgerEntry, LedgerKind, Turn, TurnState
from crm.conversations.turns import begin_attempt
from crm.effects.services import once
from crm.escalations.models import Escalation
from gateway import keys
from tests.gateway.conftest import IMPATIENT, RunningGateway, StartGateway
from tests.gateway.scripted_bot import (
    ScriptedBot,
    answering,
    die_after_work,
    die_before_work,
    hanging,
    silence,
)


async def turns_of(gateway: RunningGateway) -> list[Turn]:
    async with gateway.database.reading() as session:
        return list(await session.scalars(select(Turn).order_by(Turn.message_sequence)))


async def escalations_of(gateway: RunningGateway) -> list[Escalation]:
    async with gateway.database.reading() as session:
        return list(await session.scalars(select(Escalation)))


async def until_noted(gateway: RunningGateway, kind: LedgerKind) -> LedgerEntry:
    async with asyncio.timeout(10):
        while True:
            async with gateway.database.reading() as session:
                found = await session.scalar(select(LedgerEntry).where(LedgerEntry.kind == kind))
            if found is not None:
                return found
            await asyncio.sleep(0.05)


async def test_the_bot_answers_and_the_turn_is_settled(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("hello there")
        await customer.until_said("bot heard hello there")
    (turn,) = await turns_of(gateway)
    assert turn.state == TurnState.ANSWERED
    assert gateway.bot.received[0]["metadata"]["turn_id"] == turn.id
    assert await escalations_of(gateway) == []


async def test_messages_sent_at_once_reach_the_bot_one_by_one_and_in_order(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        for number in range(20):
            await customer.say(f"message {number}")
        await customer.until_said("bot heard message 19")
    assert [body["message"] for body in gateway.bot.received] == [f"message {n}" for n in range(20)]
    assert gateway.bot.most_at_once == 1


async def test_a_message_that_comes_just_as_the_last_one_is_settled_is_run(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        for number in range(40):
            await customer.say(f"quick {number}")
            await customer.until_said(f"bot heard quick {number}")
    assert len(gateway.bot.received) == 40


async def test_a_bot_that_died_after_its_work_is_not_asked_again(gateway: RunningGateway) -> None:
    gateway.bot.script = [die_after_work]
    async with gateway.client() as customer:
        await customer.say("yes please")
        await customer.until_said("bot heard yes please")
        await customer.quiet()
        assert customer.texts("bot").count("bot heard yes please") == 1
    assert len(gateway.bot.received) == 1


async def test_a_bot_that_died_before_its_work_is_asked_once_more(gateway: RunningGateway) -> None:
    gateway.bot.script = [die_before_work]
    async with gateway.client() as customer:
        await customer.say("yes please")
        await customer.until_said("bot heard yes please")
    first, second = gateway.bot.received
    assert first["metadata"]["turn_id"] == second["metadata"]["turn_id"]


async def test_a_bot_that_dies_twice_is_not_asked_a_third_time(gateway: RunningGateway) -> None:
    gateway.bot.script = [die_before_work, die_before_work]
    async with gateway.client() as customer:
        await customer.say("yes please")
        await customer.until(lambda frame: frame.get("handover") == "WAITING")
    assert len(gateway.bot.received) == 2
    (turn,) = await turns_of(gateway)
    assert (turn.state, turn.failure) == (TurnState.ESCALATED, "bot_died_twice")


async def test_an_empty_answer_becomes_an_honest_sentence_and_an_escalation(gateway: RunningGateway) -> None:
    gateway.bot.script = [silence]
    async with gateway.client() as customer:
        await customer.say("where is my order")
        await customer.until(lambda frame: frame.get("handover") == "WAITING")
        assert any("passed everything you wrote to a colleague" in text for text in customer.texts("system"))
    (escalation,) = await escalations_of(gateway)
    assert escalation.reason == "action_failed"
    (turn,) = await turns_of(gateway)
    assert turn.state == TurnState.ESCALATED


async def test_a_fault_of_the_gateway_itself_ends_the_turn_with_a_person_and_the_next_one_runs(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> object:
        raise ValueError("a pattern that cannot be read")

    async with gateway.client() as customer:
        with monkeypatch.context() as faulty:
            faulty.setattr(gateway.app[keys.WATCHWORDS], "current", broken)
            await customer.say("hello")
            await customer.until(lambda frame: frame.get("handover") == "WAITING")
    (turn,) = await turns_of(gateway)
    assert (turn.state, turn.failure) == (TurnState.ESCALATED, "gateway_fault")
    assert gateway.bot.received == []
    async with gateway.client() as other:
        await other.say("hello")
        await other.until_said("bot heard hello")


async def test_a_late_answer_goes_to_the_escalation_and_not_to_the_chat(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(patience=IMPATIENT)
    gateway.bot.script = [hanging(2.0)]
    async with gateway.client() as customer:
        await customer.say("are you there")
        await customer.until_said("taking a little longer")
        await customer.until(lambda frame: frame.get("handover") == "WAITING")
        late = await until_noted(gateway, LedgerKind.LATE)
        assert late.data == {"replies": ["bot heard are you there"]}
        await customer.quiet()
        assert "bot heard are you there" not in customer.texts()


async def test_an_effect_of_a_failed_turn_is_told_to_the_customer(gateway: RunningGateway) -> None:
    async def cancel_then_fail(bot: ScriptedBot, request, body):  # type: ignore[no-untyped-def]
        async with gateway.database.transaction() as session:

            async def perform() -> dict[str, str]:
                return {"order_number": "MM-10432"}

            await once(session, turn_id=body["metadata"]["turn_id"], action="cancel_order", perform=perform)
        return await silence(bot, request, body)

    gateway.bot.script = [cancel_then_fail]
    async with gateway.client() as customer:
        await customer.say("yes, cancel it")
        await customer.until_said("Order MM-10432 is cancelled")
        await customer.quiet()
        assert sum("MM-10432 is cancelled" in text for text in customer.texts()) == 1


async def test_a_gateway_that_starts_takes_up_the_turns_of_one_that_died(start_gateway: StartGateway) -> None:
    first = await start_gateway()
    async with first.client() as customer:
        await customer.say("hello")
        await customer.until_said("bot heard hello")
        token = customer.token
    await first.stop()
    async with first.database.transaction() as session:
        # As a kill -9 leaves it: sent to the bot, and nobody waits for the answer.
        turn = (await session.scalars(select(Turn))).one()
        await session.execute(update(Turn).values(state=TurnState.QUEUED, attempts=0, settled_at=None))
        await session.refresh(turn)
        await begin_attempt(session, turn.id, datetime.now(UTC))
        await session.execute(update(Conversation).values(last_sequence=3))
    await first.database.close()
    second = await start_gateway()
    async with second.client(token=token) as customer:
        await customer.until(lambda frame: frame.get("sequence") == 4)
        await customer.quiet()
        assert customer.texts("bot").count("bot heard hello") == 2
    assert len(second.bot.received) == 1, "the tracker knew the turn, so it was not sent again"
    (turn,) = await turns_of(second)
    assert turn.state == TurnState.ANSWERED


async def test_a_cards_custom_entry_belongs_to_the_text_before_it(gateway: RunningGateway) -> None:
    card = {"kind": "order", "number": "MM-10001"}
    gateway.bot.script = [
        answering(
            {"text": "Here it is.", "buttons": [{"title": "Cancel it", "payload": "/cancel_order"}]},
            {"custom": {"attachment": card}},
        )
    ]
    async with gateway.client() as customer:
        await customer.say("where is my order")
        message = await customer.until_said("Here it is.")
    assert message["attachment"] == card
    assert message["choices"] == [{"title": "Cancel it"}], "what a choice stands for stays with the gateway"
