"""Two gateways over one store: people at one reach customers at the other, and a turn happens once."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from crm.agents.passwords import Passwords
from crm.agents.services import ensure_demo_agent
from crm.conversations.models import Turn, TurnState
from crm.conversations.turns import begin_attempt, queue_turn
from crm.database import Database
from crm.gateways.services import beat
from gateway import keys
from gateway.peers import SILENT, Peers
from gateway.presence import Presence
from tests.crm.conftest import empty_store, stores
from tests.crm.factories import NOW, stored_conversation
from tests.gateway.chat_client import ChatClient
from tests.gateway.conftest import RunningGateway, StartGateway
from tests.gateway.desk.stage import Browser
from tests.redis_server import redis_server

# Both databases, each with its own way of telling the other gateway.
__all__ = ["empty_store", "stores"]

PASSWORD = "three-calm-words"
BEAT_EVERY_S = 0.3
# A notice takes a millisecond; without it the store is looked at every five seconds.
SOON_S = 3.0

Two = tuple[RunningGateway, RunningGateway]


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.company.BEAT_EVERY", BEAT_EVERY_S)


@pytest.fixture
async def two(start_gateway: StartGateway) -> Two:
    first, second = await start_gateway(several=True), await start_gateway(several=True)
    await connected(first, second)
    return first, second


async def connected(*gateways: RunningGateway, yes: bool = True) -> None:
    async with asyncio.timeout(10):
        while any(gateway.app[keys.FANOUT].connected is not yes for gateway in gateways):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def two_tabs(
    first: RunningGateway, second: RunningGateway
) -> AsyncIterator[tuple[ChatClient, ChatClient]]:
    """One customer with a socket at each gateway."""
    async with first.client() as tab:
        await tab.until(lambda frame: frame.get("sequence") == 1)
        async with second.client(token=tab.token) as other:
            await other.until(lambda frame: frame.get("sequence") == 1)
            yield tab, other


@asynccontextmanager
async def signed_in(gateway: RunningGateway) -> AsyncIterator[Browser]:
    agent = await ensure_demo_agent(gateway.database, Passwords(), password=PASSWORD, now=NOW)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(gateway.url, cookie_jar=jar) as client:
        browser = Browser(client)  # type: ignore[arg-type]
        await browser.log_in(agent.email, PASSWORD)
        yield browser


@asynccontextmanager
async def desk_page(
    browser: Browser, gateway: RunningGateway
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """The agent's desk at this gateway; the cookie is good for all."""
    origin = gateway.url.rstrip("/")
    session: Any = browser.client
    async with session.ws_connect(f"{origin}/api/desk/socket", headers={"Origin": origin}) as socket:
        yield socket


async def frame_of(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of this kind; others are passed over."""
    async with asyncio.timeout(SOON_S):
        while True:
            frame: dict[str, Any] = await socket.receive_json()
            if frame["type"] == kind:
                return frame


async def test_tabs_at_two_gateways_stay_in_step(two: Two) -> None:
    async with two_tabs(*two) as tabs:
        for number in range(4):
            await tabs[number % 2].say(f"word {number}")
            for tab in tabs:
                await tab.until_said(f"bot heard word {number}", SOON_S)
        assert tabs[0].texts() == tabs[1].texts()


async def test_messages_by_two_gateways_reach_the_bot_once_one_by_one_and_in_order(two: Two) -> None:
    async with two_tabs(*two) as tabs:
        for number in range(20):
            await tabs[number % 2].say(f"word {number}")
        for tab in tabs:
            for number in range(20):
                await tab.until_said(f"bot heard word {number}")
        said = tabs[0].texts("customer")
    assert [body["message"] for body in two[0].bot.received] == said
    assert two[0].bot.most_at_once == 1
    async with two[0].database.reading() as session:
        turns = (await session.scalars(select(Turn))).all()
    assert {turn.state for turn in turns} == {TurnState.ANSWERED}
    assert {turn.attempts for turn in turns} == {1}


async def test_an_agent_at_one_gateway_answers_a_customer_at_the_other(two: Two) -> None:
    first, second = two
    async with second.client() as customer, signed_in(first) as mara, desk_page(mara, first) as page:
        await customer.call_for_person()
        escalation_id = (await frame_of(page, "escalation"))["escalation"]["id"]
        assert (await mara.post(f"escalations/{escalation_id}/take"))[0] == 200
        await customer.until(lambda frame: frame.get("handover") == "AGENT", SOON_S)
        await page.send_json({"type": "typing", "escalation_id": escalation_id})
        await customer.until(lambda frame: frame["type"] == "typing" and frame["author"] == "agent", SOON_S)
        reply = {"client_message_id": "reply-one", "text": "Mara here"}
        assert (await mara.post(f"escalations/{escalation_id}/reply", reply))[0] in {200, 201}
        await customer.until_said("Mara here", SOON_S)
        await customer.send({"type": "typing"})
        while (await frame_of(page, "typing"))["author"] != "customer":
            pass


async def test_who_signs_out_at_one_gateway_is_signed_out_at_the_other(two: Two) -> None:
    first, second = two
    async with signed_in(first) as mara, desk_page(mara, second) as page:
        assert (await mara.post("logout"))[0] in {200, 204}
        async with asyncio.timeout(SOON_S):
            while (await page.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert page.close_code == 4401


async def test_an_agent_at_one_gateway_counts_as_present_at_the_other(two: Two) -> None:
    first, second = two
    presence = second.app[keys.PRESENCE]
    async with signed_in(first) as mara:
        async with desk_page(mara, first):
            async with asyncio.timeout(10):
                while not presence.connected_agents():
                    await asyncio.sleep(0.05)
            assert not presence.agents_here()
        async with asyncio.timeout(10):
            while presence.connected_agents():
                await asyncio.sleep(0.05)


async def test_a_stopped_redis_costs_a_moment_and_no_message(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as redis:
        two = [await start_gateway(several=True, redis_url=redis.url) for _ in range(2)]
        await connected(*two)
        async with two_tabs(two[0], two[1]) as (tab, other):
            await tab.say("with Redis")
            await other.until_said("bot heard with Redis", SOON_S)
            redis.stop()
            await connected(*two, yes=False)
            await tab.say("without")
            await other.until_said("bot heard without", SOON_S)
            redis.start()
            await connected(*two)
            await tab.say("with it again")
            await other.until_said("bot heard with it again", SOON_S)


async def test_the_turn_of_a_gateway_that_lives_is_left_to_it_and_taken_up_when_it_falls_silent(
    start_gateway: StartGateway, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        turn = await queue_turn(
            session, conversation_id=conversation_id, message_sequence=1, bot_text="hello", now=NOW
        )
        assert await begin_attempt(session, turn.id, NOW, gateway_id="other", attempts=0)
        await beat(session, "other", [])

    async def stay_alive() -> None:
        while True:
            async with database.transaction() as session:
                await beat(session, "other", [])
            await asyncio.sleep(0.1)

    living = asyncio.create_task(stay_alive())
    gateway = await start_gateway(several=True)
    await asyncio.sleep(5 * BEAT_EVERY_S)
    assert gateway.bot.received == [], "it had beaten before each look"
    living.cancel()
    async with asyncio.timeout(10):
        while not gateway.bot.received:
            await asyncio.sleep(0.05)


async def test_of_two_that_begin_a_turn_one_does_and_no_second_one_beside_it(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        first, second = [
            await queue_turn(
                session, conversation_id=conversation_id, message_sequence=number, bot_text="hello", now=NOW
            )
            for number in (1, 2)
        ]

    async def begin(turn_id: str, gateway_id: str) -> bool:
        async with database.transaction() as session:
            return await begin_attempt(session, turn_id, NOW, gateway_id=gateway_id, attempts=0)

    assert sorted(await asyncio.gather(begin(first.id, "one"), begin(first.id, "other"))) == [False, True]
    assert not await begin(second.id, "one")


async def test_a_gateway_that_was_away_itself_takes_nobody_for_dead(database: Database) -> None:
    looked_at = iter((0.0, 3600.0, 3602.0, 3604.0, 3606.0))
    presence = Presence(lambda: NOW)
    looking = Peers(database, presence, "looking", lambda: next(looked_at))
    async with database.transaction() as session:
        await beat(session, "other", ["agent"])
    for _ in range(2):
        await looking.beat()
        assert presence.connected_agents() == {"agent"}
    assert not await waits_no_longer(looking.has_gone("other", SILENT))
    for _ in range(3):
        await looking.beat()
    assert presence.connected_agents() == set(), "silent for four looks on end"
    assert await looking.has_gone("other", SILENT)


async def waits_no_longer(asked: Coroutine[Any, Any, bool]) -> bool:
    """The answer, or False where there is none yet."""
    try:
        return await asyncio.wait_for(asked, 0.3)
    except TimeoutError:
        return False
