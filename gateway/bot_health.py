"""Whether the bot is there, told apart from one that is at work."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from yarl import URL

from gateway.rasa import BotConfused, BotGone, BotSlow, RasaClient

# Rasa answers nobody while it takes up a model, which lasts some seconds; messages wait for it that long.
LONGEST_SILENCE = 30.0


class BotHealth:
    """Whether the bot is there with a model; of several processes one is enough, others stand in for it."""

    def __init__(self, rasa: RasaClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._processes = [_ProcessHealth(rasa, process, clock) for process in rasa.processes]

    async def check(self) -> dict[str, Any]:
        """`ok`, with the model, or the problem where there is one; of several, for each as well."""
        found = await asyncio.gather(*(process.check() for process in self._processes))
        if len(found) == 1:
            return found[0]
        healthy = next((one for one in found if one["ok"]), found[0])
        named = {process.name: one for process, one in zip(self._processes, found, strict=True)}
        return {**healthy, "processes": named}


class _ProcessHealth:
    """One that was there, and is silent for a moment with its connection open, is at work: a model is being
    exchanged.
    """

    def __init__(self, rasa: RasaClient, process: URL, clock: Callable[[], float]) -> None:
        self.name = process.authority
        self._rasa = rasa
        self._process = process
        self._clock = clock
        self._model: str | None = None
        self._silent_since: float | None = None

    async def check(self) -> dict[str, Any]:
        try:
            self._model = await self._rasa.model(self._process)
        except BotSlow as error:
            return {"ok": self._only_busy(), "problem": str(error)}
        except (BotGone, BotConfused) as error:
            self._model = None
            return {"ok": False, "problem": str(error)}
        self._silent_since = None
        return {"ok": self._model is not None, "model": self._model}

    def _only_busy(self) -> bool:
        now = self._clock()
        if self._silent_since is None:
            self._silent_since = now
        return self._model is not None and now - self._silent_since <= LONGEST_SILENCE
