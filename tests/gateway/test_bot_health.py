"""Readiness: a bot that takes up a new model is there, one that has gone or has fallen silent is not."""

import aiohttp
from yarl import URL

from gateway.bot_health import LONGEST_SILENCE, BotHealth
from gateway.rasa import BotConfused, BotGone, BotSlow, RasaClient

SLOW = BotSlow("GET status did not answer within 3 s")
GONE = BotGone("GET status: ClientConnectorError", maybe_delivered=False)


class Bot(RasaClient):
    """Answers what the test has put there."""

    says: str | Exception | None = "first.tar.gz"

    async def model(self, _process: URL) -> str | None:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_a_bot_silent_while_it_takes_up_a_model_stays_ready() -> None:
    async with aiohttp.ClientSession() as http:
        bot, clock = Bot(http, "http://127.0.0.1:1"), Clock()
        health = BotHealth(bot, clock)
        assert await health.check() == {"ok": True, "model": "first.tar.gz"}
        clock.at, bot.says = 600.0, SLOW
        assert await health.check() == {"ok": True, "problem": str(SLOW)}
        clock.at += LONGEST_SILENCE
        assert (await health.check())["ok"]
        clock.at += 1
        assert not (await health.check())["ok"], "that is no model being loaded"
        bot.says = "second.tar.gz"
        assert (await health.check())["model"] == "second.tar.gz"
        clock.at, bot.says = clock.at + 600, SLOW
        assert (await health.check())["ok"], "silence is counted anew"


async def test_a_bot_that_was_never_there_or_has_gone_is_not_only_busy() -> None:
    async with aiohttp.ClientSession() as http:
        bot = Bot(http, "http://127.0.0.1:1")
        health = BotHealth(bot, Clock())
        for before in (SLOW, GONE, BotConfused("GET status answered 500"), None):
            bot.says = before
            assert not (await health.check())["ok"]
            bot.says = SLOW
            assert not (await health.check())["ok"]


async def test_of_several_processes_one_is_enough_and_each_tells_its_model() -> None:
    class Two(RasaClient):
        async def model(self, process: URL) -> str | None:
            if process.port == 1:
                raise GONE
            return "second.tar.gz"

    async with aiohttp.ClientSession() as http:
        found = await BotHealth(Two(http, "http://127.0.0.1:1", "http://127.0.0.1:2"), Clock()).check()
    assert found == {
        "ok": True,
        "model": "second.tar.gz",
        "processes": {
            "127.0.0.1:1": {"ok": False, "problem": str(GONE)},
            "127.0.0.1:2": {"ok": True, "model": "second.tar.gz"},
        },
    }
