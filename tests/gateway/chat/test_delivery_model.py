"""Random events against the real services: whatever happens in whatever order, every promise holds."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import integers, sampled_from
from sqlalchemy import select

from crm.agents.services import create_agent
from crm.conversations.handover import Handover
from crm.conversations.models import Author, Turn
from crm.conversations.services import conversation_by_id, transcript
from crm.conversations.turns import OPEN_STATES
from crm.database import Database
from crm.errors import SupportError
from crm.escalations.services import live_escalation
from gateway.chat import turns
from gateway.chat.frames import Hello
from gateway.chat.reception import Reception
from gateway.chat.settlement import Settlement
from gateway.chat.turns import TurnRunner
from gateway.desk.work import DeskWork
from gateway.hub import Hub
from gateway.options import Patience
from gateway.presence import Presence
from gateway.rasa import BotGone, Reply
from gateway.waiting import WaitingRoom
from gateway.wording import Wording
from tests.crm.conftest import empty_store, stores
from tests.crm.factories import NOW
from tests.stores import Stores

__all__ = ["empty_store", "stores"]

PATIENCE = Patience(
    excuse_after=20.0, answer_within=0.2, restart_within=5.0, orphan_after=0.0, listen_for=20.0
)
AT_REST_WITHIN = 20.0


class Bot:
    """Rasa as the gateway sees it, with a tracker in memory; it does next what it is told."""

    def __init__(self) -> None:
        self.tracker: dict[str, list[Reply]] = {}
        self.heard: Counter[str] = Counter()
        self.next = "answers"

    async def send(self, _conversation_id: str, turn_id: str, text: str, _timeout: float) -> list[Reply]:
        does, self.next = self.next, "answers"
        if does == "dies before":
            raise BotGone("died", maybe_delivered=True)
        if does == "is late":
            await asyncio.sleep(2 * PATIENCE.answer_within)
        self.heard[turn_id] += 1
        self.tracker[turn_id] = [] if does == "is silent" else [Reply(f"heard {text}")]
        if does == "dies after":
            raise BotGone("died", maybe_delivered=True)
        return self.tracker[turn_id]

    async def remembered(self, _conversation_id: str, turn_id: str) -> list[Reply] | None:
        return self.tracker.get(turn_id)

    async def events_if_there(self, _conversation_id: str) -> list[dict[str, Any]]:
        return []


class Nothing:
    """Stands for the other gateways, none of which lives, and for suggestions, of which there are none."""

    own_id = "this gateway"

    async def has_gone(self, *_others: object) -> bool:
        return True

    async def for_conversation(self, _conversation_id: str) -> list[Any]:
        return []


class Delivery(RuleBasedStateMachine):
    """One customer, one agent, one bot, and a gateway that dies."""

    stores: Stores
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.sent: list[str] = []
        self.does(self.open())

    def does(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(coroutine)

    async def open(self) -> None:
        self.exits = AsyncExitStack()
        self.database = Database(await self.exits.enter_async_context(self.stores.store(self.template)))
        self.exits.push_async_callback(self.database.close)
        wording = Wording("en", shop="Maple & Moor")
        self.bot, self.hub, nothing = Bot(), Hub(), Nothing()
        self.waiting = WaitingRoom(wording, Presence(lambda: NOW), 4)
        inside: Any = (self.database, self.hub, wording, nothing, self.waiting, self.bot, lambda: NOW)
        self.reception, self.settlement = Reception(*inside), Settlement(*inside)
        self.desk = DeskWork(self.database, wording, lambda: NOW)
        async with self.database.transaction() as session:
            self.agent = await create_agent(
                session, name="Mara", email="mara@shop.example", password_hash="-", now=NOW
            )
        hello = Hello(type="hello", protocol=1)
        self.conversation_id = (await self.reception.begin(hello, "address")).conversation_id
        self.start()

    def start(self) -> None:
        nothing: Any = Nothing()
        bot: Any = self.bot
        self.turns = TurnRunner(
            self.database, bot, self.hub, self.settlement, PATIENCE, lambda: NOW, _quiet, _quiet, nothing
        )

    @rule(messages=integers(1, 3))
    def the_customer_writes(self, messages: int) -> None:
        self.does(self._write([f"message-{len(self.sent) + number}" for number in range(messages)]))

    @rule()
    def the_customer_sends_the_last_one_again(self) -> None:
        if self.sent:
            self.does(self._write([self.sent[-1]]))

    async def _write(self, ids: list[str]) -> None:
        for each in ids:
            await self.reception.text(self.conversation_id, each, each)
            if each not in self.sent:
                self.sent.append(each)
            self.turns.wake(self.conversation_id)

    @rule()
    def the_customer_asks_for_a_person(self) -> None:
        each = f"person-{len(self.sent)}"
        self.does(self.reception.call_for_person(self.conversation_id, each))
        self.sent.append(each)

    @rule()
    def the_customer_goes_back_to_the_bot(self) -> None:
        async def back() -> None:
            async with self.database.transaction() as session:
                await self.waiting.back_to_bot(session, self.conversation_id, NOW)

        self.does(back())

    @rule(how=sampled_from(["is silent", "dies before", "dies after", "is late"]))
    def the_bot_fails_next(self, how: str) -> None:
        self.bot.next = how

    @rule(after=sampled_from([0.0, 0.001, 0.01]))
    def the_gateway_dies_and_starts(self, after: float) -> None:
        async def restart() -> None:
            await asyncio.sleep(after)
            await self.turns.stop()
            self.start()
            await self.turns.take_up_open_turns()

        self.does(restart())

    @rule(what=sampled_from(["take", "reply", "hand_back", "resolve"]))
    def the_agent_does(self, what: str) -> None:
        async def work() -> None:
            async with self.database.reading() as session:
                live = await live_escalation(session, self.conversation_id)
            if live is None:
                return
            try:
                match what:
                    case "take":
                        await self.desk.take(live.id, self.agent)
                    case "reply":
                        each = f"reply-{len(self.sent)}"
                        await self.desk.reply(live.id, self.agent, client_message_id=each, text="Here I am")
                    case "hand_back":
                        await self.desk.hand_back(live.id, self.agent)
                        self.turns.wake(self.conversation_id)
                    case "resolve":
                        await self.desk.resolve(live.id, self.agent, None)
            except SupportError:
                # Refused in words: the escalation is not this agent's yet.
                return

        self.does(work())

    @rule()
    def all_comes_to_rest(self) -> None:
        self.does(self._rest())

    async def _rest(self) -> None:
        await self.turns.take_up_open_turns()
        async with asyncio.timeout(AT_REST_WITHIN):
            while await self._open_turns():
                await asyncio.sleep(0.005)

    async def _open_turns(self) -> list[Turn]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Turn).where(Turn.state.in_(OPEN_STATES))))

    @invariant()
    def what_was_acknowledged_is_there_once_and_in_order(self) -> None:
        self.does(self._promises())

    async def _promises(self) -> None:
        async with self.database.reading() as session:
            conversation = await conversation_by_id(session, self.conversation_id)
            messages = await transcript(session, self.conversation_id)
            live = await live_escalation(session, self.conversation_id)
        own = [message.client_message_id for message in messages if message.author == Author.CUSTOMER]
        assert own == self.sent
        assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
        said = Counter(message.turn_id for message in messages if message.author == Author.BOT)
        assert all(times == 1 for turn_id, times in said.items() if turn_id is not None)
        assert all(times == 1 for times in self.bot.heard.values()), "a turn was heard twice by the bot"
        assert (conversation.handover in (Handover.WAITING, Handover.AGENT)) == (live is not None)

    def teardown(self) -> None:
        async def end() -> None:
            await self._rest()
            await self._promises()
            await self.turns.stop()
            await self.exits.aclose()

        with self.loop:
            self.does(end())


async def _quiet(_turn: Turn) -> None:
    return None


def test_every_promise_holds_in_any_order_of_events(
    stores: Stores, empty_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The bot here is back at once.
    monkeypatch.setattr(turns, "POLL_SECONDS", 0.001)

    class OnThisStore(Delivery):
        pass

    OnThisStore.stores, OnThisStore.template = stores, empty_store
    run_state_machine_as_test(
        OnThisStore,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            # What failed is short enough to be read, and each try takes seconds.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
