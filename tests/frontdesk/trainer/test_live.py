"""A model goes into the running bot under the eyes of its customers, or not at all."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from frontdesk.model_files import current_model
from frontdesk.trainer.live import NotRunning, NotTaken, put_live, unknown_actions
from tests.stack import Stack


async def ask(http: aiohttp.ClientSession, stack: Stack, sender: str) -> list[dict[str, Any]]:
    body = {"sender": sender, "message": "hello there"}
    async with http.post(f"{stack.url('rasa')}/webhooks/rest/webhook", json=body) as answer:
        found: list[dict[str, Any]] = await answer.json()
        return found


async def model_file(stack: Stack) -> str:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{stack.url('rasa')}/status") as answer,
    ):
        return str((await answer.json())["model_file"])


def another(stack: Stack, folder: Path) -> Path:
    model = current_model(stack.state_dir)
    assert model is not None
    return Path(shutil.copy(model, folder / "another.tar.gz"))


async def test_no_message_is_lost_while_a_model_is_exchanged(stack: Stack, tmp_path: Path) -> None:
    model = another(stack, tmp_path)
    done = asyncio.Event()

    async def talk(http: aiohttp.ClientSession, sender: str) -> list[int]:
        answers = []
        while not done.is_set():
            answers.append(len(await ask(http, stack, sender)))
        return answers

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as http:
        customers = [asyncio.create_task(talk(http, f"swap-{tmp_path.name}-{number}")) for number in range(4)]
        await ask(http, stack, f"swap-{tmp_path.name}-first")
        for _ in range(2):
            await put_live(stack.url("rasa"), model)
        await ask(http, stack, f"swap-{tmp_path.name}-last")
        done.set()
        answered = [count for counts in await asyncio.gather(*customers) for count in counts]
    assert len(answered) >= 4
    assert set(answered) == {1}
    assert await model_file(stack) == model.name


async def test_what_rasa_cannot_load_it_refuses_and_keeps_what_it_has(stack: Stack, tmp_path: Path) -> None:
    before = await model_file(stack)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no model")
    for model in (broken, tmp_path / "missing.tar.gz"):
        with pytest.raises(NotTaken, match="Rasa refused it"):
            await put_live(stack.url("rasa"), model)
    assert await model_file(stack) == before


async def test_nobody_there_is_no_refusal() -> None:
    with pytest.raises(NotRunning):
        await put_live("http://127.0.0.1:1", Path("model.tar.gz"))


async def test_an_action_server_older_than_its_code_is_noticed(stack: Stack, tmp_path: Path) -> None:
    served = stack.url("actions")
    (tmp_path / "domain.yml").write_text(json.dumps({"actions": ["action_stop", "action_of_tomorrow"]}))
    assert await unknown_actions(served, tmp_path) == ["action_of_tomorrow"]
    with pytest.raises(NotRunning):
        await unknown_actions("http://127.0.0.1:1", tmp_path)
