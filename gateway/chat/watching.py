"""Looks at what a customer wrote before the bot does; the words are read again when their file changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from crm.conversations.models import Author, Turn
from crm.conversations.services import messages_after
from crm.database import Database
from crm.escalations.models import Escalation
from escalation.watch import Alarm, alarm
from escalation.watchwords import Watchwords, WatchwordsUnusable, read_watchwords

log = structlog.get_logger(__name__)

# For so long after an escalation the same reason calls no second person.
QUIET_FOR = timedelta(hours=24)
# So many messages, whoever wrote them; a long chat costs no more than a short one.
LOOKS_BACK = 60


class WatchwordsFile:
    """The words as they stand in the file now; where it has been spoilt, as they last were."""

    def __init__(self, path: Path) -> None:
        """Raises WatchwordsUnusable."""
        self._path = path
        self._read_at = self._changed_at()
        self._words = read_watchwords(path)

    def current(self) -> Watchwords:
        changed_at = self._changed_at()
        if changed_at != self._read_at:
            self._read_at = changed_at
            try:
                self._words = read_watchwords(self._path)
            except WatchwordsUnusable as error:
                log.error("watchwords.unusable", problem=str(error))
        return self._words

    def _changed_at(self) -> int:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0


class Watching:
    """Whether a turn calls a person by the customer's words alone, so that it works without the bot."""

    def __init__(self, database: Database, words: WatchwordsFile, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._words = words
        self._clock = clock

    async def __call__(self, turn: Turn) -> Alarm | None:
        """The alarm that the turn's message raises; a tapped choice raises none.

        What was written before a person last dealt with the conversation does not count any more.
        """
        if turn.bot_text.startswith("/"):
            return None
        async with self._database.reading() as session:
            messages = await messages_after(
                session, turn.conversation_id, max(0, turn.message_sequence - LOOKS_BACK)
            )
            earlier = (
                await session.scalars(
                    select(Escalation).where(Escalation.conversation_id == turn.conversation_id)
                )
            ).all()
        ends = [escalation.ended_at for escalation in earlier if escalation.ended_at is not None]
        since = max(ends, default=None)
        written = [
            message.text
            for message in messages
            if message.author == Author.CUSTOMER
            and message.sequence <= turn.message_sequence
            and (since is None or message.created_at > since)
        ]
        lately = self._clock() - QUIET_FOR
        already = {escalation.reason for escalation in earlier if escalation.created_at > lately}
        return alarm(written, self._words.current(), already)
