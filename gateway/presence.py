"""Which agents have the desk open now; they need no e-mail to see an escalation."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Presence:
    """Counts open desk sockets by agent id, within this gateway process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

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

    def connected_agents(self) -> set[str]:
        """Ids of agents with at least one desk page open."""
        return set(self._open)
