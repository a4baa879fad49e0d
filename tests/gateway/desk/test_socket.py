"""The desk's socket: who may open it, what it pushes, and who counts as present."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from crm.conversations.models import Author
from crm.conversations.services import add_message, open_conversation
from crm.database import new_id
from gateway import keys
from gateway.hub import DESK, conversation_topic
from tests.gateway.desk.stage import Browser, Stage

SOON = 5.0


async def socket_of(stage: Stage, browser: Browser, origin: str | None = None) -> ClientWebSocketResponse:
    own = str(stage.server.make_url("/")).rstrip("/")
    return await browser.client.ws_connect("/api/desk/socket", headers={"Origin": origin or own})


async def at_desk(stage: Stage, browser) -> tuple[Browser, ClientWebSocketResponse]:
    await stage.agent()
    mara: Browser = await browser()
    await mara.log_in()
    return mara, await socket_of(stage, mara)


async def frame_of(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of this kind; others are passed over."""
    async with asyncio.timeout(SOON):
        while True:
            frame: dict[str, Any] = await socket.receive_json()
            if frame["type"] == kind:
                return frame


async def test_the_socket_wants_a_session_and_our_own_origin(stage: Stage, browser) -> None:
    await stage.agent()
    mara: Browser = await browser()
    with pytest.raises(WSServerHandshakeError) as stranger:
        await socket_of(stage, mara)
    assert stranger.value.status == 401
    await mara.log_in()
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        with pytest.raises(WSServerHandshakeError) as foreign:
            await socket_of(stage, mara, origin)
        assert foreign.value.status == 403
    with pytest.raises(WSServerHandshakeError):
        await mara.client.ws_connect("/api/desk/socket")


async def test_a_new_escalation_alerts_within_two_seconds(stage: Stage, browser) -> None:
    _, socket = await at_desk(stage, browser)
    async with asyncio.timeout(2):
        escalation = await stage.escalated(("customer", "a person please"))
        frame = await frame_of(socket, "escalation")
    assert frame["escalation"]["id"] == escalation.id
    assert frame["escalation"]["last_message"]["text"] == "a person please"


async def test_a_customers_message_is_pushed_and_the_bots_conversations_are_not(
    stage: Stage, browser
) -> None:
    _, socket = await at_desk(stage, browser)
    async with stage.database.transaction() as session:
        bots = await open_conversation(
            session, token=new_id(), address_hash="0" * 64, page={}, now=stage.clock()
        )
        await add_message(session, bots.id, author=Author.CUSTOMER, text="hi bot", now=stage.clock())
    escalation = await stage.escalated()
    await stage.customer_says(escalation.conversation_id, "hello?")
    frame = await frame_of(socket, "conversation")
    assert frame["conversation_id"] == escalation.conversation_id
    assert frame["live"] is True


async def test_the_typing_sign_goes_both_ways_and_only_from_the_holder(stage: Stage, browser) -> None:
    mara, socket = await at_desk(stage, browser)
    escalation = await stage.escalated()
    hub = stage.app[keys.HUB]
    with hub.subscribed(conversation_topic(escalation.conversation_id)) as customers_events:
        await socket.send_json({"type": "typing", "escalation_id": escalation.id})
        await mara.post(f"escalations/{escalation.id}/take")
        await socket.send_json({"type": "typing", "escalation_id": escalation.id})
        seen = []
        async with asyncio.timeout(SOON):
            async for event in customers_events:
                seen.append(event["type"])
                if event["type"] == "typing":
                    break
    assert seen.count("typing") == 1
    assert "changed" in seen, "the sign of somebody who had not taken the conversation was passed on"
    hub.publish(DESK, {"type": "typing", "author": "customer", "conversation_id": escalation.conversation_id})
    while (frame := await frame_of(socket, "typing"))["author"] != "customer":
        pass
    assert frame["on"] is True


async def test_frames_that_make_no_sense_are_ignored(stage: Stage, browser) -> None:
    _, socket = await at_desk(stage, browser)
    await socket.send_bytes(b"\x00")
    for text in ("", "{", "[]", '{"type":"take"}', '{"type":"typing","escalation_id":"nonsense"}'):
        await socket.send_str(text)
    await socket.send_json({"type": "ping"})
    assert await frame_of(socket, "pong")


async def test_an_agent_is_present_as_long_as_one_page_is_open(stage: Stage, browser) -> None:
    mara, first = await at_desk(stage, browser)
    second = await socket_of(stage, mara)
    assert len(stage.presence.connected_agents()) == 1
    await first.close()
    assert len(stage.presence.connected_agents()) == 1
    await second.close()
    for _ in range(500):
        if not stage.presence.connected_agents():
            break
        await asyncio.sleep(0.01)
    assert stage.presence.connected_agents() == set()


async def test_signing_out_closes_the_sockets_of_that_session_alone(stage: Stage, browser) -> None:
    mara, socket = await at_desk(stage, browser)
    other: Browser = await browser()
    await other.log_in()
    kept = await socket_of(stage, other)
    await mara.post("logout")
    async with asyncio.timeout(SOON):
        while (message := await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert message.type is WSMsgType.CLOSE
    await kept.send_json({"type": "ping"})
    assert await frame_of(kept, "pong")


async def test_frames_without_end_end_the_socket(stage: Stage, browser) -> None:
    _, socket = await at_desk(stage, browser)
    for _ in range(100):
        await socket.send_json({"type": "ping"})
    async with asyncio.timeout(SOON):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.close_code == 1008
