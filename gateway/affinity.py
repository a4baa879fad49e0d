"""Which of several Rasa processes a conversation is for: always the same one, as long as that one is there.

Rendezvous hashing: every gateway comes to the same order without asking the others, and of a process that
goes only its own conversations move.
"""

import hashlib
import time
from collections.abc import Callable, Sequence

from yarl import URL

# Where a connection to this machine breaks, its process has ended, and with it what it was doing.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Affinity:
    """Knows the order for each conversation, and where something may still be running.

    `still_running_s` is how long a process on another machine may go on with a turn whose connection broke.
    """

    def __init__(
        self,
        bases: Sequence[URL],
        still_running_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bases = tuple(bases)
        self._still_running_s = still_running_s
        self._clock = clock
        self._broken_at: dict[URL, float] = {}

    def order(self, conversation_id: str) -> list[URL]:
        """All processes, the conversation's own first and then those that stand in for it."""
        return sorted(self.bases, key=lambda base: _weight(conversation_id, base), reverse=True)

    def broken(self, base: URL) -> None:
        """A request to this process broke off, whatever became of it there."""
        self._broken_at[base] = self._clock()

    def may_stand_in(self, base: URL) -> bool:
        """Whether others may take the conversations of this process, which refuses connections."""
        if base.host in LOOPBACK or base not in self._broken_at:
            return True
        return self._clock() - self._broken_at[base] >= self._still_running_s


def _weight(conversation_id: str, base: URL) -> bytes:
    return hashlib.blake2b(f"{conversation_id} {base}".encode(), digest_size=8).digest()
