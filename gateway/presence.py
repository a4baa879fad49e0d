"""Which agents have the desk open now; they need no e-mail to see an escalation."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta


class Presence:
    """Counts open desk sockets by agent id in this process, and knows who is at the desk elsewhere."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._open: Counter[str] = Counter()
        self._elsewhere: frozenset[str] = frozenset()
        self._left_at: dict[str, datetime] = {}
        # Who is not here when the gateway starts has left with the gateway before it.
        self._since = clock()

    @contextmanager
    def at_desk(self, agent_id: str) -> Iterator[None]:
        """The agent is present for the length of the `with` block."""
        self._open[agent_id] += 1
        try:
            yield
        finally:
            self._open[agent_id] -= 1
            if not self._open[agent_id]:
                del self._open[agent_id]
                self._left_at[agent_id] = self._clock()

    def agents_here(self) -> set[str]:
        """Ids of agents with a desk page open at this gateway."""
        return set(self._open)

    def seen_elsewhere(self, agents: Collection[str]) -> None:
        """These agents have a desk page open at another gateway, and no others."""
        for agent_id in self._elsewhere.difference(agents):
            self._left_at[agent_id] = self._clock()
        self._elsewhere = frozenset(agents)

    def connected_agents(self) -> set[str]:
        """Ids of agents with at least one desk page open, at whichever gateway."""
        return {*self._open, *self._elsewhere}

    def away_for(self, agent_id: str) -> timedelta:
        """How long the agent has had no desk page open; zero for who is here."""
        if agent_id in self._open or agent_id in self._elsewhere:
            return timedelta(0)
        return self._clock() - self._left_at.get(agent_id, self._since)
