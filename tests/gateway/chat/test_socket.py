"""The customer's socket: stored, then acknowledged; resumed without gap or double; strangers limited."""

import uuid

import pytest

from gateway.chat.incoming import bot_text
from gateway.options import Limits
from tests.gateway.chat_client import ChatClient
from tests.gateway.conftest import RunningGateway, StartGateway


async def test_a_new_conversation_begins_with_a_greeting_as_message_one(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        greeting = await customer.until(lambda frame: frame.get("sequence") == 1)
        state = await customer.until(lambda frame: frame["type"] == "state")
    assert greeting["author"] == "bot"
    assert greeting["choices"][0] == {"title": "Where is my order?"}
    assert state["handover"] == "BOT"
    assert customer.token is not None


async def test_a_repeated_message_is_acknowledged_again_and_does_nothing_more(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        repeated = await customer.say("once only")
        await customer.until_said("bot heard once only")
        await customer.say("once only", repeated)
        await customer.quiet()
        acks = [frame for frame in customer.frames if frame["type"] == "ack"]
    assert [ack["sequence"] for ack in acks] == [2, 2]
    assert len(gateway.bot.received) == 1
    assert customer.texts("customer") == ["once only"]


async def test_a_reconnecting_browser_gets_what_it_has_not_seen(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("first")
        await customer.until_said("bot heard first")
    async with gateway.client(token=customer.token, last_sequence=2) as again:
        await again.until_said("bot heard first")
        await again.quiet()
        assert [frame["sequence"] for frame in again.messages()] == [3]


async def test_two_tabs_of_a_conversation_see_the_same(gateway: RunningGateway) -> None:
    async with gateway.client() as one:
        await one.until(lambda frame: frame.get("sequence") == 1)
        async with gateway.client(token=one.token) as other:
            await one.say("from the first tab")
            await other.until_said("bot heard from the first tab")
            await one.until_said("bot heard from the first tab")
            assert one.texts() == other.texts()


async def test_a_tapped_choice_shows_its_title_and_tells_the_bot_its_payload(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame.get("sequence") == 1)
        await customer.choose("Delivery times")
        await customer.until_said("bot heard")
    assert customer.texts("customer") == ["Delivery times"]
    assert gateway.bot.received[0]["message"] == "How long does delivery take?"


async def test_a_choice_that_was_overtaken_is_refused_in_words(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("something else")
        await customer.until_said("bot heard something else")
        await customer.choose("Delivery times")
        refused = await customer.until(lambda frame: frame["type"] == "error")
    assert refused["code"] == "expired_choice"
    assert len(gateway.bot.received) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/restart", "restart"),
        ("  //restart", "restart"),
        ("\u2003/affirm", "affirm"),
        ("/ /", "hello"),
        ("and/or", "and/or"),
    ],
)
def test_a_leading_slash_never_reaches_the_bot(typed: str, told: str) -> None:
    assert bot_text(typed) == told


async def test_the_transcript_keeps_the_slash_that_the_bot_does_not_see(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("/restart")
        await customer.until_said("bot heard restart")
    assert customer.texts("customer") == ["/restart"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"type": "message"}',
        '{"type": "message", "client_message_id": "<script>", "text": "x"}',
        '{"type": "choose", "client_message_id": "aaaaaaaa", "sequence": -1, "choice": 0}',
        '{"type": "forge", "client_message_id": "aaaaaaaa"}',
    ],
)
async def test_a_malformed_frame_is_refused_and_the_conversation_goes_on(
    gateway: RunningGateway, data: str
) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await customer.send_raw(data)
        refused = await customer.until(lambda frame: frame["type"] == "error")
        assert refused["code"] == "bad_frame"
        await customer.say("still here")
        await customer.until_said("bot heard still here")


@pytest.mark.parametrize(("text", "code"), [("x" * 2_001, "too_long"), (" \n ", "empty")])
async def test_texts_that_cannot_be_taken_are_refused_in_words(
    gateway: RunningGateway, text: str, code: str
) -> None:
    async with gateway.client() as customer:
        sent = await customer.say(text)
        refused = await customer.until(lambda frame: frame["type"] == "error")
    assert (refused["code"], refused["client_message_id"]) == (code, sent)
    assert gateway.bot.received == []


async def test_odd_but_valid_text_is_carried_whole(gateway: RunningGateway) -> None:
    odd = "🧥 ¿dónde? <img src=x onerror=alert(1)> ‮ tail"
    async with gateway.client() as customer:
        await customer.say(odd)
        await customer.until_said("bot heard")
    assert customer.texts("customer") == [odd]


async def test_a_lone_surrogate_is_stored_as_a_replacement(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.send_raw(
            '{"type": "message", "client_message_id": "' + uuid.uuid4().hex + '", "text": "bad \\ud800 end"}'
        )
        await customer.until(lambda frame: frame["type"] in ("ack", "error"))
        await customer.say("still here")
        await customer.until_said("bot heard still here")


async def test_writing_too_fast_is_limited_and_nothing_is_stored(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(messages="3/minute"))
    async with gateway.client() as customer:
        for number in range(4):
            await customer.say(f"message {number}")
        refused = await customer.until(lambda frame: frame["type"] == "error")
        await customer.quiet()
    assert refused["code"] == "too_fast"
    assert customer.texts("customer") == ["message 0", "message 1", "message 2"]


async def test_an_unknown_token_opens_nothing(gateway: RunningGateway) -> None:
    async with gateway.client(token="guess" * 8) as stranger:
        refused = await stranger.until(lambda frame: frame["type"] == "error")
        assert refused["code"] == "unknown_token"
        with pytest.raises(ConnectionError):
            await stranger.until(lambda frame: frame["type"] == "welcome")


async def test_a_first_frame_that_is_no_hello_ends_the_socket(gateway: RunningGateway) -> None:
    client = ChatClient(gateway.url)
    client._hello = {"type": "ping"}
    async with client as stranger:
        refused = await stranger.until(lambda frame: frame["type"] == "error")
    assert refused["code"] == "bad_frame"


async def test_a_frame_beyond_the_size_limit_ends_the_socket_and_the_next_one_resumes(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await customer.send_raw("x" * 40_000)
        with pytest.raises(ConnectionError):
            await customer.until(lambda frame: frame["type"] == "never")
    async with gateway.client(token=customer.token, last_sequence=1) as again:
        await again.say("back")
        await again.until_said("bot heard back")
