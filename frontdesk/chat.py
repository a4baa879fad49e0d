"""`frontdesk chat`: the chat widget's protocol in a terminal, for people and for scripts."""

import asyncio
import contextlib
import sys
import threading
import uuid
from typing import Any

import aiohttp
from rich.console import Console

from frontdesk.chat_view import ChatView
from frontdesk.errors import OperatorError

PROTOCOL = 1
QUIT = "/quit"
# A bot's turn may end with several messages: it is over when nothing has come for this long.
TURN_QUIET_S = 1.5
TURN_LIMIT_S = 90.0
RECONNECT_FIRST_S = 0.5
RECONNECT_LONGEST_S = 10.0
PAGE = {"url": "frontdesk chat", "title": "Terminal", "language": "en", "device": "terminal"}


def chat(url: str) -> int:
    """Talk until the input ends or /quit; the exit code. Raises OperatorError where nobody answers."""
    interactive = sys.stdin.isatty()
    console = Console(highlight=False)
    client = ChatClient(url, ChatView(console, plain=not (interactive and console.is_terminal)))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(client, interactive))
    return 0


async def _run(client: "ChatClient", interactive: bool) -> None:
    await client.run(_standard_input(), interactive=interactive)


class ChatClient:
    """One conversation, which goes on over lost connections."""

    def __init__(self, url: str, view: ChatView) -> None:
        self._url = url.rstrip("/")
        self._view = view
        # None before the first connection, empty after the gateway has forgotten the conversation.
        self._token: str | None = None
        self._last_sequence = 0
        self._choices: tuple[int, int] = (0, 0)
        self._unanswered: dict[str, dict[str, Any]] = {}
        self._welcomed = asyncio.Event()
        self._heard = asyncio.Event()
        self._replied = False
        self._token_refused = False
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def run(self, lines: "asyncio.Queue[str | None]", *, interactive: bool) -> None:
        """Talk until `lines` gives None or /quit. Raises OperatorError where nobody answers."""
        async with aiohttp.ClientSession() as session:
            connection = asyncio.create_task(self._stay_connected(session))
            conversation = asyncio.create_task(self._converse(lines, interactive))
            await asyncio.wait({connection, conversation}, return_when=asyncio.FIRST_COMPLETED)
            for task in (connection, conversation):
                if not task.done():
                    task.cancel()
            results = await asyncio.gather(connection, conversation, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _stay_connected(self, session: aiohttp.ClientSession) -> None:
        delay = RECONNECT_FIRST_S
        while True:
            try:
                async with session.ws_connect(f"{self._url}/api/chat/socket", heartbeat=20) as socket:
                    delay = RECONNECT_FIRST_S
                    await self._talk_over(socket)
            except (aiohttp.ClientError, OSError) as error:
                if self._token is None:
                    raise OperatorError(
                        f"Nobody answers at {self._url}: start Frontdesk with `frontdesk up`, "
                        "or name another address with --url."
                    ) from error
            self._socket = None
            self._view.note(f"Connection lost; trying again in {delay:.1f} s.")
            await asyncio.sleep(delay)
            delay = min(2 * delay, RECONNECT_LONGEST_S)

    async def _talk_over(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._token_refused = False
        await socket.send_json(self._hello())
        self._socket = socket
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                await self._receive(frame.json())
                if self._token_refused:
                    return

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "protocol": PROTOCOL,
            "token": self._token or None,
            "last_sequence": self._last_sequence,
            "page": PAGE,
        }

    async def _receive(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self._token = frame.get("token") or self._token
                self._welcomed.set()
                for pending in list(self._unanswered.values()):
                    await self._send(pending)
            case "ack":
                self._unanswered.pop(frame["client_message_id"], None)
            case "message":
                self._on_message(frame)
            case "state":
                self._view.state(frame)
            case "error":
                self._on_error(frame)
        self._heard.set()

    def _on_message(self, frame: dict[str, Any]) -> None:
        sequence = frame["sequence"]
        if sequence <= self._last_sequence:
            return
        self._last_sequence = sequence
        self._choices = (sequence, len(frame.get("choices") or ()))
        if frame["author"] != "customer":
            self._replied = True
            self._view.message(frame)

    def _on_error(self, frame: dict[str, Any]) -> None:
        if frame["code"] == "unknown_token":
            self._token, self._last_sequence, self._token_refused = "", 0, True
            return
        self._unanswered.pop(frame.get("client_message_id") or "", None)
        self._replied = True
        self._view.note(frame["text"])

    async def _converse(self, lines: "asyncio.Queue[str | None]", interactive: bool) -> None:
        await self._welcomed.wait()
        await self._turn_over()
        while True:
            if interactive:
                self._view.prompt()
            line = await lines.get()
            if line is None or line.strip() == QUIT:
                return
            if text := line.strip():
                self._replied = False
                await self._say(text)
                if interactive:
                    await self._turn_over(quiet_s=0.3)
                else:
                    self._view.own(text)
                    await self._turn_over()

    async def _say(self, text: str) -> None:
        client_message_id = str(uuid.uuid4())
        sequence, choices = self._choices
        frame: dict[str, Any] = {"client_message_id": client_message_id}
        if text.isdigit() and 1 <= int(text) <= choices:
            frame |= {"type": "choose", "sequence": sequence, "choice": int(text) - 1}
        else:
            frame |= {"type": "message", "text": text}
        self._unanswered[client_message_id] = frame
        await self._send(frame)

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is None or self._socket.closed:
            return
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json(frame)

    async def _turn_over(self, quiet_s: float = TURN_QUIET_S) -> None:
        """Return when a reply has come and nothing more follows it, or when none comes at all."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TURN_LIMIT_S):
                while True:
                    self._heard.clear()
                    try:
                        await asyncio.wait_for(self._heard.wait(), quiet_s)
                    except TimeoutError:
                        if self._replied:
                            return


def _standard_input() -> "asyncio.Queue[str | None]":
    """Lines of standard input as they come, None at its end; a thread reads files and terminals alike."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def put(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        for line in sys.stdin:
            put(line)
        put(None)

    # A daemon: a read that never returns must not keep the program from ending.
    threading.Thread(target=read, name="standard input", daemon=True).start()
    return lines
