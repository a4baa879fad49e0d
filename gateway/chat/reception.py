"""Everything a customer's socket can do to the store, one transaction each."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.pictures import Picture
from crm.conversations.errors import ConversationNotFound
from crm.conversations.handover import Handover, may_reopen
from crm.conversations.models import Author, Conversation
from crm.conversations.services import (
    add_message,
    conversation_by_id,
    conversation_by_token,
    messages_after,
    note_customer_saw,
    open_conversation,
)
from crm.database import Database
from crm.escalations.models import Reason
from crm.escalations.services import live_escalation, queue_place
from crm.questions.services import judge_answer
from escalation.services import escalate
from gateway.chat.frames import Hello, message_frame, state_frame
from gateway.chat.incoming import (
    Received,
    receive_call_for_person,
    receive_choice,
    receive_photo,
    receive_text,
)
from gateway.hub import DESK, Event, Hub, conversation_topic
from gateway.rasa import RasaClient, slots_in
from gateway.suggesting import Suggesting
from gateway.waiting import WaitingRoom
from gateway.wording import Wording


class UnknownToken(Exception):
    """The browser's token belongs to no conversation."""


@dataclass(frozen=True)
class Welcome:
    """The conversation a hello has led to; `token` is set when it is a new one."""

    conversation_id: str
    visitor_id: str
    token: str | None


class Reception:
    """Opens conversations and takes in what customers send."""

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
        self._waiting = waiting
        self._rasa = rasa
        self._clock = clock

    async def known(self, token: str) -> Conversation | None:
        """The conversation of a token if it can still be written to; None where it closed too long ago.

        Raises UnknownToken.
        """
        async with self._database.reading() as session:
            conversation = await _by_token(session, token)
        closed_at = conversation.closed_at
        if closed_at is not None and not may_reopen(closed_at, self._clock()):
            return None
        return conversation

    async def begin(self, hello: Hello, address_hash: str) -> Welcome:
        """A new conversation with its greeting, linked to the one whose token the browser still holds."""
        now = self._clock()
        token = secrets.token_urlsafe(32)
        async with self._database.transaction() as session:
            conversation = await open_conversation(
                session,
                token=token,
                address_hash=address_hash,
                page=hello.page.model_dump(),
                previous=await _by_token(session, hello.token) if hello.token else None,
                now=now,
            )
            await add_message(
                session,
                conversation.id,
                author=Author.BOT,
                text=self._wording("greeting.text"),
                choices=self._wording.choices("greeting.choices"),
                now=now,
            )
        return Welcome(conversation.id, conversation.visitor_id, token)

    async def text(self, conversation_id: str, client_message_id: str, text: str) -> Received:
        """Store a typed message; True to its id, a repeated one does nothing more."""
        now = self._clock()
        async with self._database.transaction() as session:
            received = await receive_text(
                session, conversation_id, client_message_id=client_message_id, text=text, now=now
            )
            # A message that has a turn goes to the bot.
            if not received.repeated and received.message.turn_id is None:
                await self._when_nobody_listens(session, received, now)
        self._tell(conversation_id)
        return received

    async def choice(
        self, conversation_id: str, client_message_id: str, sequence: int, index: int
    ) -> Received:
        """Store a tapped quick reply and carry out the gateway's own commands. Raises ChoiceExpired."""
        now = self._clock()
        async with self._database.transaction() as session:
            received = await receive_choice(
                session,
                conversation_id,
                client_message_id=client_message_id,
                sequence=sequence,
                index=index,
                now=now,
            )
            if received.command == "leave_message" and not received.repeated:
                await self._waiting.leave_message(session, conversation_id, now)
            elif received.command == "back_to_bot" and not received.repeated:
                await self._waiting.back_to_bot(session, conversation_id, now)
        self._tell(conversation_id)
        return received

    async def call_for_person(self, conversation_id: str, client_message_id: str) -> Received:
        """The button: straight to the queue, whether or not the bot is there."""
        suggestions = await self._suggesting.for_conversation(conversation_id)
        events = await self._rasa.events_if_there(conversation_id)
        now = self._clock()
        async with self._database.transaction() as session:
            received = await receive_call_for_person(
                session,
                conversation_id,
                client_message_id=client_message_id,
                text=self._wording("asked_for_person"),
                now=now,
            )
            if received.repeated:
                return received
            conversation = await conversation_by_id(session, conversation_id)
            match conversation.handover:
                case Handover.CLOSED:
                    await self._waiting.reopen_closed(session, conversation_id, now)
                case Handover.BOT:
                    await self._say(session, conversation_id, "handing_over", now)
                    await escalate(
                        session,
                        conversation_id=conversation_id,
                        turn_id=None,
                        reason=Reason.ASKED_FOR,
                        slots=slots_in(events),
                        suggestions=suggestions,
                        tracker_events=events,
                        now=now,
                    )
                    await self._waiting.announce(session, conversation_id, now)
                case Handover.WAITING:
                    await self._say(session, conversation_id, "already_waiting", now)
                    await self._waiting.announce(session, conversation_id, now)
                case Handover.AGENT:
                    await self._say(session, conversation_id, "already_waiting", now)
        self._tell(conversation_id)
        return received

    async def judge(self, conversation_id: str, sequence: int, *, helped: bool) -> None:
        """Keep whether an answer helped, and show it in every tab. Raises NothingToJudge."""
        async with self._database.transaction() as session:
            await judge_answer(
                session,
                conversation_id=conversation_id,
                sequence=sequence,
                helped=helped,
                now=self._clock(),
            )
        event = {"type": "judged", "sequence": sequence, "helped": helped}
        self._hub.publish(conversation_topic(conversation_id), event)

    async def seen(self, conversation_id: str, sequence: int) -> None:
        """Keep how far the customer has read, and tell their other devices and the desk."""
        async with self._database.transaction() as session:
            noted = await note_customer_saw(session, conversation_id, sequence)
        if noted:
            self._tell(conversation_id)
            self._hub.publish(DESK, {"type": "changed", "conversation_id": conversation_id})

    async def photo(
        self, conversation_id: str, client_message_id: str, photo_id: str, picture: Picture
    ) -> Received:
        """Store a photo whose file is kept already. Raises PhotoRefused; a repeated one does nothing more."""
        now = self._clock()
        async with self._database.transaction() as session:
            received = await receive_photo(
                session,
                conversation_id,
                client_message_id=client_message_id,
                photo_id=photo_id,
                picture=picture,
                text=self._wording("photo.sent"),
                thanks=self._wording("photo.kept"),
                now=now,
            )
            if not received.repeated:
                await self._when_nobody_listens(session, received, now)
        self._tell(conversation_id)
        return received

    async def news_after(self, conversation_id: str, sequence: int) -> tuple[list[Event], Event]:
        """The messages after a sequence number and who answers now, as frames, of one moment."""
        async with self._database.reading() as session:
            conversation = await conversation_by_id(session, conversation_id)
            messages = []
            if conversation.last_sequence > sequence:
                messages = await messages_after(session, conversation_id, sequence)
            return [message_frame(message) for message in messages], await _state(session, conversation)

    async def _when_nobody_listens(self, session: AsyncSession, received: Received, now: datetime) -> None:
        """A message that goes to people: reopen what was closed, offer the ways out to who waits."""
        conversation_id = received.message.conversation_id
        conversation = await conversation_by_id(session, conversation_id)
        if conversation.handover == Handover.CLOSED:
            await self._waiting.reopen_closed(session, conversation_id, now)
        elif conversation.handover == Handover.WAITING:
            await self._waiting.announce(session, conversation_id, now)

    async def _say(self, session: AsyncSession, conversation_id: str, key: str, now: datetime) -> None:
        await add_message(session, conversation_id, author=Author.SYSTEM, text=self._wording(key), now=now)

    def _tell(self, conversation_id: str) -> None:
        self._hub.publish(conversation_topic(conversation_id), {"type": "changed"})


async def _state(session: AsyncSession, conversation: Conversation) -> Event:
    """Who answers: with the agent's name, or the place in the queue."""
    agent = place = None
    agent_saw = 0
    if conversation.handover != Handover.BOT:
        escalation = await live_escalation(session, conversation.id)
        if escalation is not None and conversation.handover == Handover.WAITING:
            place = await queue_place(session, escalation)
        elif escalation is not None and escalation.agent is not None:
            agent, agent_saw = escalation.agent.first_name, escalation.seen_sequence
    return state_frame(conversation, agent=agent, place=place, agent_saw=agent_saw)


async def _by_token(session: AsyncSession, token: str) -> Conversation:
    try:
        return await conversation_by_token(session, token)
    except ConversationNotFound:
        raise UnknownToken from None
