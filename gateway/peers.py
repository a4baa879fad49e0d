"""The other gateways that share the store: which of them live, and which agents are at theirs.

No clock of another machine is believed: a gateway lives as long as its count of beats is seen to move.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from crm.database import STORE_ERRORS, Database
from crm.gateways.services import beat, forget, known_gateways
from gateway.presence import Presence

BEAT_EVERY = 2.0
# Longer than this between two looks, we were away ourselves and learn nothing about the others.
LONGEST_LOOK = 2 * BEAT_EVERY
SILENT = 5 * BEAT_EVERY
FORGOTTEN_AFTER = 3600.0


class Peers:
    """Beats for this gateway and watches the beats of the others."""

    def __init__(
        self,
        database: Database,
        presence: Presence,
        gateway_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.own_id = gateway_id
        self._database = database
        self._presence = presence
        self._clock = clock
        self._looked_at: float | None = None
        # What has been seen of the others: their last beat, and the seconds since it that we looked on.
        self._beats: dict[str | None, int | None] = {}
        self._silent: dict[str | None, float] = {}

    async def beat(self) -> None:
        """One sign of life, and a look at those of the others."""
        async with self._database.transaction() as session:
            await beat(session, self.own_id, self._presence.agents_here())
            known = await known_gateways(session)
            others = {one.id: one for one in known if one.id != self.own_id}
            self._look({gateway_id: one.beats for gateway_id, one in others.items()})
            await forget(session, [one for one in others if self._silent[one] > FORGOTTEN_AFTER])
        living = [one for one in others.values() if self._silent[one.id] < SILENT]
        self._presence.seen_elsewhere({agent_id for one in living for agent_id in one.agents})

    async def leave(self) -> None:
        """The last sign of life: from now on nobody counts this gateway's agents."""
        with suppress(*STORE_ERRORS):
            async with self._database.transaction() as session:
                await forget(session, [self.own_id])

    async def has_gone(self, gateway_id: str | None, silent_for: float) -> bool:
        """Whether the gateway stays silent until it has been so for that many seconds; waits for it.

        Of None, of ourselves and of whoever has left no beat, the silence is counted from this question on.
        """
        before = self._beats.get(gateway_id)
        silent = self._silent.setdefault(gateway_id, 0.0)
        enough = silent_for if before is not None else silent + silent_for
        while self._silent[gateway_id] < enough:
            await asyncio.sleep(min(0.1, silent_for))
            if self._beats.get(gateway_id) != before:
                return False
        return True

    def _look(self, beats: dict[str, int]) -> None:
        now = self._clock()
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, LONGEST_LOOK)
        self._looked_at = now
        for gateway_id in self._silent.keys() | beats.keys():
            seen = beats.get(gateway_id) if gateway_id is not None else None
            moved = seen is not None and seen != self._beats.get(gateway_id)
            self._silent[gateway_id] = 0.0 if moved else self._silent.get(gateway_id, 0.0) + passed
            self._beats[gateway_id] = seen
