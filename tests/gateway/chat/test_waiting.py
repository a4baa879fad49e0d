"""Waiting for a person: asked for with one tap, told the place, left by the ways offered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from crm.agents.models import Agent
from crm.agents.passwords import Passwords
from crm.agents.services import ensure_demo_agent
from crm.conversations.handover import Handover
from crm.conversations.models import Conversation
from crm.escalations.models import Escalation, EscalationState
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from gateway import keys
from gateway.desk.work import DeskWork
from gateway.hub import conversation_topic
from tests.gateway.conftest import RunningGateway


async def the_escalation(gateway: RunningGateway) -> Escalation:
    async with gateway.database.reading() as session:
        return (await session.scalars(select(Escalation))).one()


async def test_a_tap_on_talk_to_a_person_needs_no_bot(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until(lambda frame: frame.get("handover") == "WAITING")
        await customer.until_said("keep your place")
    assert gateway.bot.received == []
    escalation = await the_escalation(gateway)
    assert (escalation.reason, escalation.state) == ("asked_for", EscalationState.OPEN)


async def test_a_second_tap_brings_no_second_escalation(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.call_for_person()
        await customer.until_said("already has your conversation")
    await the_escalation(gateway)


async def test_who_comes_second_is_told_so(gateway: RunningGateway) -> None:
    with gateway.app[keys.PRESENCE].at_desk("somebody"):
        async with gateway.client() as first, gateway.client() as second:
            await first.call_for_person()
            await first.until_said("You're next")
            await second.call_for_person()
            state = await second.until(lambda frame: frame.get("place") == 2)
            await second.until_said("number 2 in the queue")
    assert state["handover"] == "WAITING"


async def test_no_wait_is_promised_while_nobody_is_at_the_desk(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        told = await customer.until_said("Nobody is at the desk")
    assert "minutes" not in told["text"]


async def test_who_writes_while_waiting_can_still_go_back_to_the_assistant(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.say("never mind, where is my order?")
        await customer.until_said("kept that for my colleague")
        await customer.choose("Back to the assistant")
        await customer.until_said("You're back with me")


async def test_while_waiting_the_bot_does_not_act(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.say("cancel my order MM-10432")
        await customer.until(lambda frame: frame["type"] == "ack")
        await customer.quiet()
    assert gateway.bot.received == []
    assert customer.texts("customer")[-1] == "cancel my order MM-10432"


async def test_back_to_the_assistant_withdraws_the_escalation(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.choose("Back to the assistant")
        await customer.until_said("You're back with me")
        await customer.say("how long is delivery")
        await customer.until_said("bot heard how long is delivery")
    assert (await the_escalation(gateway)).state == EscalationState.WITHDRAWN
    told = gateway.bot.appended[gateway.bot.received[0]["sender"]]
    assert [event["event"] for event in told[-2:]] == ["resume", "action"]


async def test_a_left_message_is_marked_for_the_desk_and_thanked_for(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.choose("Leave a message instead")
        await customer.until_said("the e-mail address where we reach you")
        await customer.say("The zip broke. jo@example.org")
        await customer.until_said("kept that for my colleague")
    assert (await the_escalation(gateway)).leaves_message


async def close(gateway: RunningGateway, closed_at: datetime) -> None:
    async with gateway.database.transaction() as session:
        await session.execute(update(Escalation).values(state=EscalationState.RESOLVED, ended_at=closed_at))
        await session.execute(update(Conversation).values(handover=Handover.CLOSED, closed_at=closed_at))


async def test_a_message_soon_after_closing_goes_back_to_people(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await close(gateway, datetime.now(UTC) - timedelta(hours=71))
        await customer.say("one more thing")
        await customer.until_said("Welcome back")
    assert (await the_escalation(gateway)).state == EscalationState.OPEN
    assert gateway.bot.received == []


async def test_days_after_closing_a_linked_conversation_begins(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
    await close(gateway, datetime.now(UTC) - timedelta(hours=73))
    async with gateway.client(token=customer.token, last_sequence=4) as later:
        welcome = await later.until(lambda frame: frame["type"] == "welcome")
        await later.until(lambda frame: frame.get("sequence") == 1)
    assert welcome["token"] != customer.token
    async with gateway.database.reading() as session:
        newest = await session.get(Conversation, welcome["conversation_id"])
        assert newest is not None
        assert newest.previous_id is not None


async def taken_by(gateway: RunningGateway, agent: Agent) -> Escalation:
    escalation = await the_escalation(gateway)
    await work_of(gateway).take(escalation.id, agent)
    return escalation


def work_of(gateway: RunningGateway) -> DeskWork:
    return DeskWork(gateway.database, gateway.app[keys.WORDING], lambda: datetime.now(UTC))


async def an_agent(gateway: RunningGateway) -> Agent:
    return await ensure_demo_agent(
        gateway.database, Passwords(), password="three-calm-words", now=datetime.now(UTC)
    )


async def test_a_customer_whose_agent_has_left_goes_back_to_the_queue(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await taken_by(gateway, await an_agent(gateway))
        await customer.until_said("Mara has joined")
        await gateway.app[keys.WORKER].requeue_abandoned()
        assert (await the_escalation(gateway)).state == EscalationState.TAKEN, "she has only just left"
        gateway.app[keys.PRESENCE]._since -= timedelta(minutes=5)
        await gateway.app[keys.WORKER].requeue_abandoned()
        assert (await the_escalation(gateway)).state == EscalationState.TAKEN, "nobody waits for an answer"
        await customer.say("are you still there?")
        await customer.until(lambda frame: frame["type"] == "ack")
        await gateway.app[keys.WORKER].requeue_abandoned()
        await customer.until_said("Mara had to leave")
    assert (await the_escalation(gateway)).state == EscalationState.OPEN


async def test_the_customer_sees_how_far_their_agent_has_read(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        agent = await an_agent(gateway)
        escalation = await taken_by(gateway, agent)
        conversation_id = await work_of(gateway).seen(escalation.id, agent, 2)
        gateway.app[keys.HUB].publish(conversation_topic(conversation_id), {"type": "changed"})
        await customer.until(lambda frame: frame.get("seen") == {"customer": 0, "agent": 2})


async def test_what_the_agent_did_not_see_is_answered_by_the_bot_after_hand_back(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        agent = await an_agent(gateway)
        escalation = await taken_by(gateway, agent)
        await customer.until_said("Mara has joined")
        await customer.say("how long is delivery")
        await customer.until(lambda frame: frame["type"] == "ack")
        await work_of(gateway).hand_back(escalation.id, agent)
        await customer.until_said("bot heard how long is delivery")
    assert [body["message"] for body in gateway.bot.received] == ["how long is delivery"]


async def test_the_answer_to_a_left_message_goes_to_the_address_that_was_left(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    async with gateway.client() as customer:
        await customer.call_for_person()
        await customer.until_said("keep your place")
        await customer.choose("Leave a message instead")
        await customer.until_said("the e-mail address where we reach you")
        await customer.say("The zip broke. Write to jo@example.org, please.")
        await customer.until_said("kept that for my colleague")
    agent = await an_agent(gateway)
    escalation = await taken_by(gateway, agent)
    reply = {"client_message_id": "reply-0001", "text": "We mend it for free."}
    for _ in range(2):
        await work_of(gateway).reply(escalation.id, agent, **reply)
    async with gateway.database.reading() as session:
        mails = list(await session.scalars(select(OutboxEvent).where(OutboxEvent.topic == MAIL)))
    to_customer = [mail for mail in mails if mail.payload["to"] == "jo@example.org"]
    assert len(to_customer) == 1
