"""How far the customer has read: told once, shown on every device and at the desk."""

import asyncio
from contextlib import suppress

from crm.conversations.services import conversation_by_token
from gateway import keys
from gateway.hub import DESK, Subscription
from tests.gateway.chat_client import ChatClient, Frame
from tests.gateway.conftest import RunningGateway


async def test_what_was_read_on_one_device_is_known_on_the_other(gateway: RunningGateway) -> None:
    async with gateway.client() as phone:
        await phone.until_said("")
        async with gateway.client(token=phone.token) as laptop:
            await laptop.until(is_state)
            await phone.send({"type": "seen", "sequence": 1})
            state = await laptop.until(lambda frame: is_state(frame) and frame["seen"]["customer"] == 1)
            assert state["seen"] == {"customer": 1, "agent": 0}
        async with gateway.client(token=phone.token, last_sequence=1) as later:
            assert (await later.until(is_state))["seen"]["customer"] == 1


async def test_the_desk_hears_of_it_once(gateway: RunningGateway) -> None:
    async with gateway.client() as client:
        await client.until(is_state)
        # The outbox has told the desk of the new conversation.
        await client.quiet(0.8)
        with gateway.app[keys.HUB].subscribed(DESK) as events:
            for _ in range(3):
                await client.send({"type": "seen", "sequence": 1})
            await client.until(lambda frame: is_state(frame) and frame["seen"]["customer"] == 1)
            await client.quiet()
            assert await collected(events) == ["changed"]


async def test_what_was_never_sent_cannot_have_been_seen(gateway: RunningGateway) -> None:
    async with gateway.client() as client:
        await client.until(is_state)
        for sequence in (0, 2, 2_147_483_647):
            await client.send({"type": "seen", "sequence": sequence})
        await client.quiet()
        assert await customer_saw(gateway, client) == 0


async def test_reading_never_goes_backwards(gateway: RunningGateway) -> None:
    async with gateway.client() as client:
        await client.say("hello")
        await client.until_said("bot heard hello")
        await client.send({"type": "seen", "sequence": 3})
        await client.until(lambda frame: is_state(frame) and frame["seen"]["customer"] == 3)
        async with gateway.client(token=client.token) as slower:
            await slower.until(is_state)
            await slower.send({"type": "seen", "sequence": 2})
            await slower.quiet()
        assert await customer_saw(gateway, client) == 3


async def collected(events: Subscription) -> list[str]:
    found = []
    with suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            async for event in events:
                found.append(event["type"])
    return found


def is_state(frame: Frame) -> bool:
    return bool(frame["type"] == "state")


async def customer_saw(gateway: RunningGateway, client: ChatClient) -> int:
    async with gateway.database.reading() as session:
        return (await conversation_by_token(session, client.token)).customer_saw
