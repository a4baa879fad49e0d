"""Several Rasa processes: a conversation stays with one, and moves only when that one cannot be at work."""

from collections import Counter

import aiohttp
import pytest
from yarl import URL

from gateway.affinity import Affinity
from gateway.rasa import BotGone, RasaClient
from tests.gateway.scripted_bot import die_before_work, scripted_bot

PROCESSES = [URL(f"http://10.0.0.{number}:5005") for number in range(1, 5)]
CONVERSATIONS = [f"{number:032x}" for number in range(400)]
NOBODY = "http://127.0.0.1:9"


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_every_gateway_finds_the_same_process_whatever_order_it_was_told_them_in() -> None:
    one, other = Affinity(PROCESSES, 10), Affinity(PROCESSES[::-1], 10)
    assert [one.order(name) for name in CONVERSATIONS] == [other.order(name) for name in CONVERSATIONS]


def test_conversations_are_spread_evenly() -> None:
    affinity = Affinity(PROCESSES, 10)
    shares = Counter(affinity.order(name)[0] for name in CONVERSATIONS)
    assert min(shares.values()) > 70, "of 400 on four processes"


def test_only_the_conversations_of_a_process_that_goes_move() -> None:
    before, after = Affinity(PROCESSES, 10), Affinity(PROCESSES[1:], 10)
    for name in CONVERSATIONS:
        first, second, *_ = before.order(name)
        assert after.order(name)[0] == (second if first == PROCESSES[0] else first)


def test_a_process_elsewhere_may_be_at_work_for_a_while_after_its_connection_broke() -> None:
    clock = Clock()
    affinity = Affinity([*PROCESSES, URL(NOBODY)], 10, clock)
    assert affinity.may_stand_in(PROCESSES[0]), "nothing was sent there"
    affinity.broken(PROCESSES[0])
    affinity.broken(URL(NOBODY))
    assert not affinity.may_stand_in(PROCESSES[0])
    assert affinity.may_stand_in(URL(NOBODY)), "on this machine a broken connection is an ended process"
    clock.at = 10.0
    assert affinity.may_stand_in(PROCESSES[0])


async def test_turns_of_a_conversation_reach_one_process_and_all_processes_get_some() -> None:
    async with scripted_bot() as first, scripted_bot() as second, aiohttp.ClientSession() as http:
        rasa = RasaClient(http, first.url, second.url)
        for name in CONVERSATIONS[:40]:
            for turn in range(2):
                await rasa.send(name, f"turn-{turn}", "hello", timeout=5)
        senders = [{body["sender"] for body in bot.received} for bot in (first, second)]
        assert not senders[0] & senders[1]
        assert min(map(len, senders)) >= 8


async def test_another_process_stands_in_for_one_that_refuses_connections() -> None:
    async with scripted_bot() as bot, aiohttp.ClientSession() as http:
        rasa = RasaClient(http, NOBODY, bot.url)
        for name in CONVERSATIONS[:20]:
            assert await rasa.send(name, "turn", "hello", timeout=5)
        assert len(bot.received) == 20


async def test_a_turn_that_may_have_arrived_is_not_given_to_another_process_at_once() -> None:
    async with scripted_bot() as first, scripted_bot() as second, aiohttp.ClientSession() as http:
        rasa = RasaClient(http, first.url, second.url)
        first.script = second.script = [die_before_work]
        with pytest.raises(BotGone) as gone:
            await rasa.send(CONVERSATIONS[0], "turn", "hello", timeout=5)
        assert gone.value.maybe_delivered
        assert len(first.received) + len(second.received) == 1


async def test_nobody_there_at_all_has_received_nothing() -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(BotGone) as gone:
            await RasaClient(http, NOBODY, "http://127.0.0.1:10").send("name", "turn", "hello", timeout=5)
        assert not gone.value.maybe_delivered
