"""The bot as the gateway sees it: one turn in, its replies out, and the tracker when in doubt."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from gateway.affinity import Affinity

# As long as the turn of a gateway that died may go on: `orphan_after` in gateway/options.py.
STILL_RUNNING_S = 10.0


class BotGone(Exception):
    """The bot was not reached, or its connection broke: it may be dead or restarting.

    `maybe_delivered` is False only where no connection came about, so that nothing can have run.
    """

    def __init__(self, message: str, *, maybe_delivered: bool) -> None:
        super().__init__(message)
        self.maybe_delivered = maybe_delivered


class BotConfused(Exception):
    """The bot answered with something that is not an answer."""


class BotSlow(BotConfused):
    """The bot took the request and has not answered in time."""


@dataclass(frozen=True)
class Reply:
    """One thing the bot says. `choices` are (title, payload) pairs."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    attachment: dict[str, Any] | None = None


class RasaClient:
    """REST channel and tracker API of one or several Rasa processes with one tracker store.

    A conversation has a process of its own; another one stands in while that refuses connections. Every call
    may raise BotGone or BotConfused.
    """

    def __init__(
        self, session: aiohttp.ClientSession, *base_urls: str, still_running_s: float = STILL_RUNNING_S
    ) -> None:
        self._session = session
        self._affinity = Affinity([URL(base_url) for base_url in base_urls], still_running_s)

    async def send(self, conversation_id: str, turn_id: str, text: str, timeout: float) -> list[Reply]:
        """Post one turn and return the replies; an empty list means that something went wrong inside."""
        body = {
            "sender": conversation_id,
            "message": text,
            "metadata": {"turn_id": turn_id, "conversation_id": conversation_id},
        }
        entries = await self._call(
            conversation_id, "POST", "webhooks/rest/webhook", json=body, timeout=timeout
        )
        if not isinstance(entries, list):
            raise BotConfused("the REST channel did not answer with a list")
        return replies_from_channel(entries)

    async def events(self, conversation_id: str, timeout: float = 10) -> list[dict[str, Any]]:
        """Everything in the conversation's tracker, oldest first."""
        tracker = await self._call(
            conversation_id,
            "GET",
            f"conversations/{conversation_id}/tracker",
            params={"include_events": "ALL"},
            timeout=timeout,
        )
        return list(tracker.get("events") or [])

    async def events_if_there(self, conversation_id: str) -> list[dict[str, Any]]:
        """The tracker's events, or none where the bot does not answer within a second."""
        try:
            return await self.events(conversation_id, timeout=1.0)
        except (BotGone, BotConfused):
            return []

    async def remembered(self, conversation_id: str, turn_id: str) -> list[Reply] | None:
        """The bot's replies in a turn, or None where the turn never reached the tracker."""
        return replies_in_events(await self.events(conversation_id), turn_id)

    async def append(self, conversation_id: str, events: list[dict[str, Any]]) -> None:
        """Add events to the tracker, in one request and so all or none."""
        await self._call(
            conversation_id,
            "POST",
            f"conversations/{conversation_id}/tracker/events",
            json=events,
            params={"include_events": "NONE"},
        )

    @property
    def processes(self) -> tuple[URL, ...]:
        """The addresses of all processes."""
        return self._affinity.bases

    async def model(self, process: URL) -> str | None:
        """Which model a process has loaded, or None while there is none."""
        status = await self._ask(process, "GET", "status", timeout=3)
        name = status.get("model_id") or status.get("model_file")
        return str(name) if name else None

    async def _call(self, conversation_id: str, method: str, path: str, **more: Any) -> Any:
        """Ask the conversation's process, or the first after it that accepts a connection."""
        refused: BotGone | None = None
        for process in self._affinity.order(conversation_id):
            try:
                return await self._ask(process, method, path, **more)
            except BotGone as error:
                if error.maybe_delivered or not self._affinity.may_stand_in(process):
                    raise
                refused = refused or error
        raise refused or BotConfused("there is no Rasa process")

    async def _ask(self, process: URL, method: str, path: str, *, timeout: float = 10, **more: Any) -> Any:
        try:
            async with self._session.request(
                method, process / path, timeout=aiohttp.ClientTimeout(total=timeout), **more
            ) as response:
                if response.status >= 400:
                    raise BotConfused(f"{method} {path} answered {response.status}")
                return await response.json(content_type=None)
        except TimeoutError:
            raise BotSlow(f"{method} {path} did not answer within {timeout:.0f} s") from None
        except aiohttp.ClientConnectorError as error:
            raise BotGone(f"{method} {path}: {type(error).__name__}", maybe_delivered=False) from None
        except aiohttp.ClientError as error:
            self._affinity.broken(process)
            raise BotGone(f"{method} {path}: {type(error).__name__}", maybe_delivered=True) from None
        except ValueError:
            raise BotConfused(f"{method} {path} did not answer with JSON") from None


def replies_from_channel(entries: list[dict[str, Any]]) -> list[Reply]:
    """Entries of the REST channel as replies; a `custom` entry belongs to the text before it."""
    replies: list[Reply] = []
    for entry in entries:
        attachment = (entry.get("custom") or {}).get("attachment")
        if attachment and not entry.get("text") and replies and replies[-1].attachment is None:
            last = replies.pop()
            replies.append(Reply(last.text, last.choices, attachment))
        elif entry.get("text") or attachment:
            replies.append(_reply(entry.get("text"), entry.get("buttons"), attachment))
    return replies


def replies_in_events(events: list[dict[str, Any]], turn_id: str) -> list[Reply] | None:
    """What the bot said in the turn with that id, or None where no user event carries it."""
    replies: list[Reply] | None = None
    for event in events:
        if event.get("event") == "user":
            if replies is not None:
                break
            if (event.get("metadata") or {}).get("turn_id") == turn_id:
                replies = []
        elif replies is not None and event.get("event") == "bot":
            data = event.get("data") or {}
            attachment = (data.get("custom") or {}).get("attachment")
            if event.get("text") or attachment:
                replies.append(_reply(event.get("text"), data.get("buttons"), attachment))
    return replies


def slots_in(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The values of the slots after these tracker events."""
    return {event["name"]: event.get("value") for event in events if event.get("event") == "slot"}


def _reply(
    text: str | None, buttons: list[dict[str, Any]] | None, attachment: dict[str, Any] | None
) -> Reply:
    choices = tuple((str(button["title"]), str(button["payload"])) for button in buttons or [])
    return Reply(text or "", choices, attachment)
