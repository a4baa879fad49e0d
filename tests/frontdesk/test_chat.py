"""The terminal client against a small gateway that speaks the chat protocol."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from rich.console import Console

from frontdesk.chat import ChatClient
from frontdesk.chat_view import ChatView, card_rows

ROOT = Path(__file__).parents[2]
ORDER = {
    "kind": "order",
    "number": "MM-10432",
    "status": "shipped",
    "status_label": "On its way",
    "placed_on": "2026-11-20",
    "total": "£59.80",
    "lines": [{"name": "Fell jacket", "quantity": 1, "price": "£59.80"}],
    "shipment": {"carrier": "DPD", "tracking_code": "X1", "tracking_url": None, "expected_on": "2026-11-25"},
}


class Gateway:
    """One conversation that answers "<text>, you said", and may hang up after storing a message."""

    def __init__(self, *, drops_after: str = "") -> None:
        self.received: list[dict[str, Any]] = []
        self.hellos: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self._drops_after = drops_after

    def add(self, author: str, text: str, **values: Any) -> dict[str, Any]:
        frame = {"type": "message", "sequence": len(self.messages) + 1, "author": author, "name": None}
        self.messages.append(frame | {"text": text, "choices": [], "attachment": None} | values)
        return self.messages[-1]

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            data = frame.json()
            if data["type"] == "hello":
                await self._welcome(socket, data)
            elif await self._answer(socket, data):
                await socket.close()
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, hello: dict[str, Any]) -> None:
        self.hellos.append(hello)
        await socket.send_json({"type": "welcome", "protocol": 1, "token": "t1", "conversation_id": "c1"})
        if not self.messages:
            self.add(
                "bot", "Hello!", choices=[{"title": "Where is my order?"}, {"title": "A person, please"}]
            )
        for message in self.messages[hello["last_sequence"] :]:
            await socket.send_json(message)
        await socket.send_json({"type": "state", "handover": "BOT", "agent": None, "place": None})

    async def _answer(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> bool:
        known = any(one["client_message_id"] == data["client_message_id"] for one in self.received)
        self.received.append(data)
        text = data.get("text", f"choice {data.get('choice')}")
        if not known:
            self.add("customer", text, client_message_id=data["client_message_id"])
            self.add("bot", f"{text}, you said", attachment=ORDER if "order" in text else None)
            if text == self._drops_after:
                return True
            for message in self.messages[-2:]:
                await socket.send_json(message)
        await socket.send_json({"type": "ack", "client_message_id": data["client_message_id"], "sequence": 1})
        return False


@asynccontextmanager
async def serving(gateway: Gateway) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/api/chat/socket", gateway.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def chat(url: str, *script: str) -> str:
    """What the client prints when it reads the lines of `script`."""
    output = io.StringIO()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    for line in (*script, None):
        lines.put_nowait(line)
    client = ChatClient(url, ChatView(Console(file=output, width=100), plain=True))
    await asyncio.wait_for(client.run(lines, interactive=False), 60)
    return output.getvalue()


async def test_a_script_gets_each_reply_before_its_next_line_is_sent() -> None:
    async with serving(Gateway()) as url:
        output = await chat(url, "first", "second")
    assert output.splitlines() == [
        "bot: Hello!",
        "  1) Where is my order?",
        "  2) A person, please",
        "you: first",
        "bot: first, you said",
        "you: second",
        "bot: second, you said",
    ]


async def test_a_number_chooses_and_quit_ends() -> None:
    gateway = Gateway()
    async with serving(gateway) as url:
        await chat(url, "2", "/quit", "never sent")
    [frame] = gateway.received
    assert (frame["type"], frame["sequence"], frame["choice"]) == ("choose", 1, 1)


async def test_a_lost_connection_is_taken_up_again_without_losing_or_doubling_anything() -> None:
    gateway = Gateway(drops_after="first")
    async with serving(gateway) as url:
        output = await chat(url, "first", "second")
    assert [hello["token"] for hello in gateway.hellos] == [None, "t1"]
    assert output.count("first, you said") == 1
    assert output.count("second, you said") == 1
    assert "Connection lost" in output


async def test_nobody_there_is_said_in_one_sentence_and_is_a_failure() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "frontdesk", "chat", "--url", "http://127.0.0.1:1"),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, output) == (1, b"")
    assert errors.decode().splitlines() == [
        "Error: Nobody answers at http://127.0.0.1:1: start Frontdesk with `frontdesk up`, "
        "or name another address with --url."
    ]


async def test_a_card_is_shown_as_rows() -> None:
    async with serving(Gateway()) as url:
        output = await chat(url, "my order")
    assert "  [Order MM-10432]" in output
    assert "  Status: On its way" in output
    assert "  1 × Fell jacket: £59.80" in output


ARTICLE = {"kind": "article", "title": "Returns", "url": "/help/returns", "score": 0.8}
RECEIPT = {
    "kind": "receipt",
    "title": "Cancelled",
    "reference": "R-1",
    "lines": [{"label": "Back", "value": "£5"}],
}


@pytest.mark.parametrize(
    ("attachment", "title", "row"),
    [
        (ORDER, "Order MM-10432", ("DPD", "X1")),
        (ARTICLE, "Returns", ("Read more", "/help/returns")),
        (RECEIPT, "Cancelled", ("Back", "£5")),
        ({"kind": "map", "place": "Leeds"}, "map", ("place", "Leeds")),
    ],
)
def test_each_kind_of_card_has_a_title_and_rows(
    attachment: dict[str, Any], title: str, row: tuple[str, str]
) -> None:
    shown, rows = card_rows(attachment)
    assert shown == title
    assert row in rows
