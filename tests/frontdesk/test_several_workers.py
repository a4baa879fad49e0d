"""Two gateway processes behind one port, as `up --workers 2` starts them, and what several workers need."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sentence_encoder import SentenceEncoder

from crm.migrate import migrate
from frontdesk.bot_process import bot_environment
from frontdesk.bring_up import BringUp
from frontdesk.running import as_running, note_running
from frontdesk.settings import Settings, SettingsError, read_settings
from frontdesk.state_lock import state_lock
from frontdesk.supervisor import Supervisor
from frontdesk.trainer.live import NotRunning, NotTaken, put_live_everywhere
from knowledge.index import build_index
from tests.gateway.chat_client import ChatClient
from tests.gateway.scripted_bot import ScriptedBot, hanging, scripted_bot
from tests.stack import free_ports

CUSTOMERS = 24
# The gateway that is left waits for ten seconds of silence before it takes up a turn of the other.
TAKEN_UP_WITHIN_S = 30.0


@asynccontextmanager
async def two_gateways(settings: Settings) -> AsyncIterator[Supervisor]:
    """Started by the steps of `up`, and by nothing else of it."""
    async with (
        Supervisor(settings.logs_dir, lambda _process, _sentence: None) as supervisor,
        aiohttp.ClientSession() as http,
    ):
        steps = [step for step in BringUp(settings, supervisor, http).steps() if "Gateway" in step.label]
        assert [step.label for step in steps] == ["Gateway 1", "Gateway 2"]
        await asyncio.gather(*(step.run(lambda _detail: None) for step in steps))
        yield supervisor


@pytest.fixture
async def settings(
    tmp_path: Path, encoder_folder: Path, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Settings, ScriptedBot]]:
    """Of a shop with one article whose bot is scripted."""
    (tmp_path / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "hours.md").write_text(
        "---\ntitle: When we are there\ntopics: [contact]\nquestions:\n  - When are you there?\n"
        "  - What are your hours?\n  - Are you there on Sundays?\nupdated: 2026-10-01\n---\nAlways.\n"
    )
    build_index(tmp_path / "articles", tmp_path / "knowledge", encoder)
    gateway, actions, rasa, worker = far_apart(4)
    async with scripted_bot() as bot:
        for name, value in {
            "STATE_DIR": tmp_path,
            "GATEWAY_PORT": gateway,
            "ACTIONS_PORT": actions,
            "RASA_PORT": rasa,
            "WORKER_PORT": worker,
            "RASA_URLS": bot.url,
        }.items():
            monkeypatch.setenv(f"FRONTDESK_{name}", str(value))
        read = read_settings(workers=2)
        await migrate(read.store_url)
        yield read, bot


def far_apart(count: int) -> list[int]:
    """Free ports, each with a free one after it."""
    found: list[int] = []
    while len(found) < count:
        found += [port for port in free_ports(1) if not {port - 1, port, port + 1} & set(found)]
    return found


class Taking:
    """Answers as Rasa does when it is given a model."""

    def __init__(self) -> None:
        self.models: list[str] = []
        self.url = ""


@asynccontextmanager
async def taking_models(status: int) -> AsyncIterator[Taking]:
    taking = Taking()

    async def put(request: web.Request) -> web.Response:
        taking.models.append((await request.json())["model_file"])
        return web.Response(status=status)

    app = web.Application()
    app.router.add_put("/model", put)
    async with TestServer(app) as server:
        taking.url = str(server.make_url("")).rstrip("/")
        yield taking


async def until(condition: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def test_the_customers_of_a_killed_gateway_go_on_at_the_other(
    settings: tuple[Settings, ScriptedBot],
) -> None:
    read, bot = settings
    own = [f"http://127.0.0.1:{port}" for port in read.ports_from(read.worker_port)]
    async with two_gateways(read) as supervisor, AsyncExitStack() as leaving:
        everybody = [
            await leaving.enter_async_context(ChatClient(read.gateway_url)) for _ in range(CUSTOMERS)
        ]
        for customer in everybody:
            await customer.until(lambda frame: frame.get("sequence") == 1)
        tab = await leaving.enter_async_context(ChatClient(own[0]))
        await tab.until(lambda frame: frame.get("sequence") == 1)
        other = await leaving.enter_async_context(ChatClient(own[1], token=tab.token))
        bot.script = [hanging(1.0)]
        await tab.say("are you there")
        await tab.until(lambda frame: frame["type"] == "ack")
        await until(lambda: bool(bot.received), 10)
        killed = supervisor.pid_of("gateway-1")
        assert killed is not None
        os.kill(killed, signal.SIGKILL)

        connected = 0
        for customer in everybody:
            try:
                await customer.quiet(0.02)
                connected += 1
            except ConnectionError:
                pass
        assert 0 < connected < CUSTOMERS, "both had their share, and one has kept it"

        await other.until_said("bot heard are you there", TAKEN_UP_WITHIN_S)
        assert other.texts("bot").count("bot heard are you there") == 1
        assert len({body["metadata"]["turn_id"] for body in bot.received}) == 1
        async with ChatClient(read.gateway_url) as newcomer:
            await newcomer.say("hello")
            await newcomer.until_said("bot heard hello")
        await until(lambda: supervisor.pid_of("gateway-1") not in {None, killed}, 30)


def test_ports_of_several_workers_may_not_run_into_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_RASA_PORT", "5005")
    monkeypatch.setenv("FRONTDESK_ACTIONS_PORT", "5006")
    assert read_settings().workers == 1
    with pytest.raises(SettingsError, match=r"FRONTDESK_WORKER_PORT must differ .* stand for 2 ports"):
        read_settings(workers=2)


def test_more_workers_than_there_are_ports_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_RASA_PORT", "65535")
    with pytest.raises(SettingsError, match="end at 65535"):
        read_settings(workers=2)


def test_rasa_elsewhere_is_reached_at_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(workers=2).rasa_addresses == ("http://127.0.0.1:5005", "http://127.0.0.1:5006")
    monkeypatch.setenv("FRONTDESK_RASA_URLS", "http://rasa-0:5005, http://rasa-1:5005")
    assert read_settings().rasa_addresses == ("http://rasa-0:5005", "http://rasa-1:5005")


def test_another_terminal_knows_how_many_workers_the_running_up_has(tmp_path: Path) -> None:
    running = Settings(state_dir=tmp_path, workers=3)
    elsewhere = Settings(state_dir=tmp_path)
    with state_lock(tmp_path):
        note_running(running)
        assert as_running(elsewhere).workers == 3
    assert as_running(elsewhere).workers == 1, "nothing runs any more"


def test_rasas_locks_are_in_redis_only_where_one_is_named(tmp_path: Path) -> None:
    assert bot_environment({}, state_dir=tmp_path)["FRONTDESK_LOCKS_TYPE"] == "in_memory"
    told = bot_environment({}, state_dir=tmp_path, locks_url="rediss://ann:p%40ss@redis.shop:6380/3")
    assert {name.rpartition("_")[2]: value for name, value in told.items() if "_LOCKS_" in name} == {
        "TYPE": "redis",
        "HOST": "redis.shop",
        "PORT": "6380",
        "DB": "3",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "TLS": "true",
    }


async def test_a_new_model_goes_to_every_process_and_one_that_is_away_is_no_obstacle() -> None:
    async with taking_models(204) as first, taking_models(204) as second:
        await put_live_everywhere([first.url, "http://127.0.0.1:1", second.url], Path("new.tar.gz"))
        assert first.models == second.models == ["new.tar.gz"]
        async with taking_models(400) as broken:
            with pytest.raises(NotTaken, match=r"while 1 other process\(es\) took it"):
                await put_live_everywhere([first.url, broken.url], Path("newer.tar.gz"))
    with pytest.raises(NotRunning):
        await put_live_everywhere(["http://127.0.0.1:1", "http://127.0.0.1:2"], Path("new.tar.gz"))
