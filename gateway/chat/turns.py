"""Runs the bot's turns: one of a conversation at a time, each settled once. docs/decisions/0007."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from crm.conversations.handover import Handover
from crm.conversations.models import Conversation, Turn, TurnState
from crm.conversations.services import conversation_by_id, lock_conversation
from crm.conversations.turns import begin_attempt, conversations_with_open_turns, next_turn, settle
from crm.database import STORE_ERRORS, Database
from escalation.watch import Alarm
from gateway.chat.settlement import Settlement
from gateway.hub import Hub, conversation_topic
from gateway.metrics.measures import ANSWERED, TURN_SECONDS, TURNS
from gateway.options import Patience
from gateway.peers import Peers
from gateway.rasa import BotConfused, BotGone, RasaClient, Reply

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
AFTER_STORE_FAILURE = 1.0
HANDED_OVER = "handed_over_before"


@dataclass(frozen=True)
class Outcome:
    """What became of a turn: the bot's replies, or the reason why there are none."""

    replies: tuple[Reply, ...] = ()
    failure: str | None = None
    # The request that is still under way after patience ran out.
    pending: asyncio.Task[list[Reply]] | None = None


class TurnRunner:
    """One task for each conversation with open turns; it ends when there are none left.

    `watch` looks at a message before the bot does and may call a person instead of it. `catch_up` tells the
    bot, before a turn, what people have said since its last one. Of several gateways one runs a turn, the
    others leave it to that one as long as it lives, which `peers` knows.
    """

    def __init__(
        self,
        database: Database,
        rasa: RasaClient,
        hub: Hub,
        settlement: Settlement,
        patience: Patience,
        clock: Callable[[], datetime],
        catch_up: Callable[[Turn], Awaitable[None]],
        watch: Callable[[Turn], Awaitable[Alarm | None]],
        peers: Peers,
    ) -> None:
        self._database = database
        self._rasa = rasa
        self._hub = hub
        self._settlement = settlement
        self._patience = patience
        self._clock = clock
        self._catch_up = catch_up
        self._watch = watch
        self._peers = peers
        self._workers: dict[str, asyncio.Task[None]] = {}
        # Woken since their worker last looked: a worker ends only when its conversation is not in here.
        self._woken: set[str] = set()
        self._listeners: set[asyncio.Task[None]] = set()
        # Turns that this process has begun; one found RUNNING that is not here is another gateway's.
        self._begun: set[str] = set()

    def wake(self, conversation_id: str) -> None:
        """See to it that the open turns of this conversation are run."""
        self._woken.add(conversation_id)
        if conversation_id not in self._workers:
            task = asyncio.create_task(self._drain(conversation_id), name=f"turns:{conversation_id}")
            self._workers[conversation_id] = task
            task.add_done_callback(lambda done: self._worker_ended(conversation_id, done))

    async def take_up_open_turns(self) -> None:
        """Run what lies open: left by a gateway before this one, or queued by somebody who cannot wake."""
        async with self._database.reading() as session:
            waiting = await conversations_with_open_turns(session)
        for conversation_id in waiting:
            self.wake(conversation_id)

    async def stop(self) -> None:
        """Cancel the workers; their turns stay open in the store and are taken up at the next start."""
        tasks = [*self._workers.values(), *self._listeners]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _worker_ended(self, conversation_id: str, worker: asyncio.Task[None]) -> None:
        self._workers.pop(conversation_id, None)
        if conversation_id in self._woken and not worker.cancelled():
            self.wake(conversation_id)
        if not worker.cancelled() and (error := worker.exception()) is not None:
            log.error("turns.worker_failed", conversation_id=conversation_id, exc_info=error)

    async def _drain(self, conversation_id: str) -> None:
        while conversation_id in self._woken:
            self._woken.discard(conversation_id)
            try:
                while await self._run_next(conversation_id):
                    pass
            except STORE_ERRORS as error:
                # The turn is open still: it is looked up in the tracker before anything is sent again.
                log.warning("turns.store_failed", conversation_id=conversation_id, error=type(error).__name__)
                self._woken.add(conversation_id)
                await asyncio.sleep(AFTER_STORE_FAILURE)

    async def _run_next(self, conversation_id: str) -> bool:
        """Run the oldest open turn; False where there is none, or another gateway runs it."""
        async with self._database.reading() as session:
            turn = await next_turn(session, conversation_id)
            if turn is None:
                return False
            conversation = await conversation_by_id(session, conversation_id)
        with structlog.contextvars.bound_contextvars(conversation_id=conversation_id, turn_id=turn.id):
            try:
                return await self._step(turn, conversation)
            except STORE_ERRORS:
                raise
            except Exception:
                # A fault of ours: without an end the turn would be tried for ever and hold up all after it.
                log.exception("turn.fault")
                await self._settlement.failed(turn, "gateway_fault")
                TURNS.labels("gateway_fault").inc()
                return True

    async def _step(self, turn: Turn, conversation: Conversation) -> bool:
        """What is to be done with this turn now; False where another gateway runs it."""
        if conversation.handover != Handover.BOT and turn.state == TurnState.QUEUED:
            await self._leave_to_people(turn)
        elif turn.state == TurnState.QUEUED and (alarm := await self._watch(turn)) is not None:
            await self._settlement.watched(turn, alarm)
        elif self._is_anothers(turn) and not await self._peers.has_gone(
            turn.gateway_id, self._patience.orphan_after
        ):
            return False
        else:
            return await self._run(turn)
        return True

    def _is_anothers(self, turn: Turn) -> bool:
        return turn.state == TurnState.RUNNING and turn.id not in self._begun

    async def _leave_to_people(self, turn: Turn) -> None:
        """Unless the conversation has come back to the bot meanwhile: then the turn is run after all."""
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            if conversation.handover != Handover.BOT:
                await settle(session, turn.id, TurnState.ESCALATED, self._clock(), HANDED_OVER)

    async def _run(self, turn: Turn) -> bool:
        """False where another gateway has begun it meanwhile."""
        topic = conversation_topic(turn.conversation_id)
        self._hub.publish(topic, {"type": "typing", "author": "bot", "on": True})
        started = asyncio.get_running_loop().time()
        over = asyncio.Event()
        excuse = asyncio.create_task(self._excuse_unless(over, turn))
        try:
            outcome = await self._outcome(turn)
            over.set()
            await excuse
            if outcome is None:
                return False
            with TURN_SECONDS.labels("storing").time():
                await self._settle(turn, outcome)
        finally:
            over.set()
            self._begun.discard(turn.id)
            self._hub.publish(topic, {"type": "typing", "author": "bot", "on": False})
        TURNS.labels(outcome.failure or ANSWERED).inc()
        TURN_SECONDS.labels("whole").observe((self._clock() - turn.created_at).total_seconds())
        log.info(
            "turn.settled",
            failure=outcome.failure,
            replies=len(outcome.replies),
            milliseconds=round((asyncio.get_running_loop().time() - started) * 1000),
        )
        return True

    async def _settle(self, turn: Turn, outcome: Outcome) -> None:
        if outcome.failure is None:
            await self._settlement.answered(turn, outcome.replies)
        else:
            await self._settlement.failed(turn, outcome.failure)
        if outcome.pending is not None:
            self._listen(turn, outcome.pending)

    async def _excuse_unless(self, over: asyncio.Event, turn: Turn) -> None:
        try:
            await asyncio.wait_for(over.wait(), self._patience.excuse_after)
        except TimeoutError:
            await self._settlement.excuse(turn)

    async def _outcome(self, turn: Turn) -> Outcome | None:
        """Send the turn; after a broken connection look into the tracker before sending it once more.

        None where it is settled, or begun by another gateway.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._patience.restart_within
        maybe_delivered = self._is_anothers(turn)
        resent = False
        while True:
            try:
                if maybe_delivered:
                    replies = await self._rasa.remembered(turn.conversation_id, turn.id)
                    if replies is not None:
                        return _judge(replies)
                    if resent:
                        return Outcome(failure="bot_died_twice")
                    resent = True
                conversation = await self._begin(turn)
                if conversation is None:
                    return None
                if conversation.bot_must_resume:
                    await self._catch_up(turn)
                return await self._send(turn)
            except BotGone as error:
                log.warning("turn.bot_gone", problem=str(error), maybe_delivered=error.maybe_delivered)
                maybe_delivered = maybe_delivered or error.maybe_delivered
            except BotConfused as error:
                log.warning("turn.bot_confused", problem=str(error))
                return Outcome(failure="bot_confused")
            if loop.time() >= give_up_at:
                return Outcome(failure="bot_down")
            await asyncio.sleep(POLL_SECONDS)

    async def _begin(self, turn: Turn) -> Conversation | None:
        """Mark the turn as sent; None where it is settled, or left to people who were called meanwhile."""
        now = self._clock()
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            sent_before = turn.state == TurnState.RUNNING or turn.id in self._begun
            if conversation.handover != Handover.BOT and not sent_before:
                await settle(session, turn.id, TurnState.ESCALATED, now, HANDED_OVER)
                return None
            begun = await begin_attempt(
                session, turn.id, now, gateway_id=self._peers.own_id, attempts=turn.attempts
            )
        if not begun:
            return None
        if not sent_before:
            TURN_SECONDS.labels("waiting").observe((now - turn.created_at).total_seconds())
        turn.attempts += 1
        self._begun.add(turn.id)
        return conversation

    async def _send(self, turn: Turn) -> Outcome:
        # A task of its own: the bot's answer is awaited whatever becomes of this turn.
        request = asyncio.create_task(
            self._rasa.send(turn.conversation_id, turn.id, turn.bot_text, self._patience.listen_for)
        )
        try:
            with TURN_SECONDS.labels("bot").time():
                done, _ = await asyncio.wait({request}, timeout=self._patience.answer_within)
        except asyncio.CancelledError:
            request.cancel()
            raise
        if not done:
            return Outcome(failure="bot_late", pending=request)
        return _judge(request.result())

    def _listen(self, turn: Turn, pending: asyncio.Task[list[Reply]]) -> None:
        """What still comes after giving up goes into the escalation."""

        async def listen() -> None:
            try:
                replies = await pending
            except (BotGone, BotConfused) as error:
                log.info("turn.late_answer_lost", turn_id=turn.id, problem=str(error))
                replies = []
            await self._settlement.late(turn, replies)

        task = asyncio.create_task(listen())
        self._listeners.add(task)
        task.add_done_callback(self._listeners.discard)


def _judge(replies: list[Reply]) -> Outcome:
    """An empty answer is how Rasa reports every failure inside it (an action, a lock, a missing rule)."""
    return Outcome(tuple(replies)) if replies else Outcome(failure="bot_silent")
