"""Whether the bot is there, told apart from one that is at work."""

import time
from collections.abc import Callable
from typing import Any

from gateway.rasa import BotConfused, BotGone, BotSlow, RasaClient

# Rasa answers nobody while it takes up a model, which lasts some seconds; messages wait for it that long.
LONGEST_SILENCE = 30.0


class BotHealth:
    """Whether the bot is there with a model.

    One that was, and is silent for a moment with its connection open, is at work: a model is being exchanged.
    """

    def __init__(self, rasa: RasaClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._rasa = rasa
        self._clock = clock
        self._model: str | None = None
        self._silent_since: float | None = None

    async def check(self) -> dict[str, Any]:
        """`ok`, with the model, or the problem where there is one."""
        try:
            self._model = await self._rasa.model()
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
