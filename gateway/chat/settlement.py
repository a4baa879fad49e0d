"""How a turn ends: answered, or handed to a person with an honest sentence; never both."""

from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.handover import Handover
from crm.conversations.ledger import note
from crm.conversations.models import Author, LedgerKind, Turn, TurnState
from crm.conversations.services import Choice, add_message, lock_conversation
from crm.conversations.turns import OPEN_STATES, settle
from crm.database import Database
from crm.effects.services import effects_of
from crm.escalations.models import Reason
from crm.escalations.services import live_escalation
from escalation.services import escalate
from escalation.watch import Alarm
from gateway.hub import Hub, conversation_topic
from gateway.rasa import RasaClient, Reply, replies_in_events, slots_in
from gateway.suggesting import Suggesting
from gateway.waiting import WaitingRoom
from gateway.wording import Wording

log = structlog.get_logger(__name__)

# A bot that answers with nothing has met an error inside; the others never reached one.
FAILURE_REASONS = {"bot_silent": Reason.ACTION_FAILED}


class Settlement:
    """The writing half of a turn; each method is one transaction."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        wording: Wording,
        suggesting: Suggesting,
        waiting: WaitingRoom,
        rasa: RasaClient,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._hub = hub
        self._wording = wording
        self._suggesting = suggesting
        self._rasa = rasa
        self._clock = clock
        self._waiting = waiting

    async def answered(self, turn: Turn, replies: Iterable[Reply]) -> None:
        """Store the bot's replies and, where an action has escalated, the place in the queue."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            if not await settle(session, turn.id, TurnState.ANSWERED, now):
                return
            await _store_replies(session, turn, replies, now)
            conversation.bot_knows_sequence = turn.message_sequence
            if conversation.handover == Handover.WAITING:
                await self._waiting.announce(session, turn.conversation_id, now)
        self._tell(turn)

    async def excuse(self, turn: Turn) -> None:
        """Say that it takes longer than usual, unless the turn has ended meanwhile."""
        now = self._clock()
        async with self._database.transaction() as session:
            await lock_conversation(session, turn.conversation_id)
            current = await session.get(Turn, turn.id)
            if current is not None and current.state in OPEN_STATES:
                await add_message(
                    session,
                    turn.conversation_id,
                    author=Author.SYSTEM,
                    text=self._wording("slow"),
                    turn_id=turn.id,
                    now=now,
                )
        self._tell(turn)

    async def failed(self, turn: Turn, failure: str) -> None:
        """Settle as ESCALATED: an honest sentence, what has taken effect, and a person."""
        suggestions = await self._suggesting.for_conversation(turn.conversation_id)
        events = await self._rasa.events_if_there(turn.conversation_id)
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            if replies_in_events(events, turn.id) is not None:
                conversation.bot_knows_sequence = turn.message_sequence
            effects = await effects_of(session, turn.id)
            called = await live_escalation(session, turn.conversation_id)
            action_escalated = called is not None and called.turn_id == turn.id
            state = TurnState.ANSWERED if action_escalated else TurnState.ESCALATED
            if not await settle(session, turn.id, state, now, failure):
                return
            # An agent who has the conversation already reads the message and answers it.
            if conversation.handover != Handover.AGENT:
                await add_message(
                    session,
                    turn.conversation_id,
                    author=Author.SYSTEM,
                    text=self._wording("handing_over" if action_escalated else "bot_unavailable"),
                    turn_id=turn.id,
                    now=now,
                )
            for action, result in effects:
                await self._tell_effect(session, turn, action, result, now)
            await escalate(
                session,
                conversation_id=turn.conversation_id,
                turn_id=turn.id,
                reason=FAILURE_REASONS.get(failure, Reason.BOT_UNAVAILABLE),
                slots=slots_in(events),
                suggestions=suggestions,
                tracker_events=events,
                now=now,
            )
            await self._waiting.announce(session, turn.conversation_id, now)
        self._tell(turn)
        log.warning("turn.escalated", turn_id=turn.id, failure=failure)

    async def watched(self, turn: Turn, alarm: Alarm) -> None:
        """Settle as ESCALATED before the bot is asked, because of what the customer wrote.

        Nothing happens where people have the conversation by now: it is for the runner to leave it to them.
        The message is no news to the desk; the bot is told of it, like all others, when it is handed back.
        """
        suggestions = await self._suggesting.for_conversation(turn.conversation_id)
        events = await self._rasa.events_if_there(turn.conversation_id)
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            if conversation.handover != Handover.BOT:
                return
            if not await settle(session, turn.id, TurnState.ESCALATED, now, f"watch_{alarm.topic}"):
                return
            own = f"watch.{alarm.topic}"
            key = own if self._wording.has(own) else f"watch.{alarm.reason}"
            await add_message(
                session,
                turn.conversation_id,
                author=Author.SYSTEM,
                text=self._wording(key),
                turn_id=turn.id,
                now=now,
            )
            await escalate(
                session,
                conversation_id=turn.conversation_id,
                turn_id=turn.id,
                reason=alarm.reason,
                slots=slots_in(events),
                suggestions=suggestions,
                tracker_events=events,
                matched=alarm.matched,
                now=now,
            )
            await self._waiting.announce(session, turn.conversation_id, now)
        self._tell(turn)
        log.info("turn.watched", turn_id=turn.id, reason=str(alarm.reason), topic=alarm.topic)

    async def late(self, turn: Turn, replies: list[Reply]) -> None:
        """An answer after the turn was escalated goes to the agent; an effect also to the customer."""
        now = self._clock()
        async with self._database.transaction() as session:
            await note(
                session,
                conversation_id=turn.conversation_id,
                turn_id=turn.id,
                kind=LedgerKind.LATE,
                data={"replies": [reply.text for reply in replies]},
                now=now,
            )
            for action, result in await effects_of(session, turn.id):
                await self._tell_effect(session, turn, action, result, now)
        self._tell(turn)

    def _tell(self, turn: Turn) -> None:
        self._hub.publish(conversation_topic(turn.conversation_id), {"type": "changed"})

    async def _tell_effect(
        self, session: AsyncSession, turn: Turn, action: str, result: dict[str, object], now: datetime
    ) -> None:
        first_time = await note(
            session,
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            kind=LedgerKind.EFFECT,
            data={"action": action, "result": result},
            once=action,
            now=now,
        )
        if not first_time:
            return
        key = f"effects.{action}"
        what = self._wording(key if self._wording.has(key) else "effects.other", **result)
        await add_message(
            session,
            turn.conversation_id,
            author=Author.SYSTEM,
            text=self._wording("late_effect", what=what),
            turn_id=turn.id,
            now=now,
        )


async def _store_replies(session: AsyncSession, turn: Turn, replies: Iterable[Reply], now: datetime) -> None:
    for reply in replies:
        await add_message(
            session,
            turn.conversation_id,
            author=Author.BOT,
            text=reply.text,
            choices=[Choice(title, payload) for title, payload in reply.choices],
            attachment=reply.attachment,
            turn_id=turn.id,
            now=now,
        )
