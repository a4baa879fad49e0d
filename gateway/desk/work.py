"""What an agent does to a conversation; each method is one transaction."""

from collections.abc import Callable
from datetime import datetime
from itertools import takewhile

from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.models import Agent
from crm.conversations.handover import Handover
from crm.conversations.models import Author, Message
from crm.conversations.services import (
    add_message,
    conversation_by_id,
    lock_conversation,
    message_by_client_id,
    messages_after,
    set_handover,
)
from crm.conversations.turns import queue_turn
from crm.database import Database
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import end, escalation_by_id, held_by, take
from crm.outbox.services import MAIL, enqueue
from gateway.chat.incoming import bot_text
from gateway.desk.errors import IdUsedElsewhere
from gateway.desk.reply_address import reply_address
from gateway.wording import Wording


class DeskWork:
    """Take over, reply, resolve, hand back. Each tells the customer what has changed."""

    def __init__(self, database: Database, wording: Wording, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._wording = wording
        self._clock = clock

    async def take(self, escalation_id: str, agent: Agent) -> str:
        """Make the conversation this agent's; again changes nothing. Returns the conversation's id.

        Raises EscalationNotFound, AlreadyTaken, AlreadyEnded.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            escalation = await take(session, escalation_id, agent.id, now)
            conversation = await conversation_by_id(session, escalation.conversation_id)
            if conversation.handover != Handover.AGENT:
                await set_handover(session, conversation, Handover.AGENT, now)
                await add_message(
                    session,
                    conversation.id,
                    author=Author.SYSTEM,
                    text=self._wording("agent_joined", agent=agent.first_name),
                    now=now,
                )
            return conversation.id

    async def reply(self, escalation_id: str, agent: Agent, *, client_message_id: str, text: str) -> Message:
        """Store a reply once, however often it is sent, and count the escalation as read up to it.

        Raises EscalationNotFound, AlreadyEnded, NotYours, IdUsedElsewhere.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            conversation_id = (await escalation_by_id(session, escalation_id)).conversation_id
            await lock_conversation(session, conversation_id)
            known = await message_by_client_id(session, conversation_id, client_message_id)
            if known is not None:
                if known.author != Author.AGENT or known.author_name != agent.first_name:
                    raise IdUsedElsewhere(client_message_id)
                return known
            escalation = await held_by(session, escalation_id, agent.id)
            message = await add_message(
                session,
                conversation_id,
                author=Author.AGENT,
                author_name=agent.first_name,
                text=text,
                client_message_id=client_message_id,
                now=now,
            )
            escalation.first_reply_at = escalation.first_reply_at or now
            if escalation.leaves_message:
                await self._mail_reply(session, escalation, agent, text, now)
            return message

    async def seen(self, escalation_id: str, agent: Agent, sequence: int) -> str:
        """Note how far the holder has read; the customer sees it. Returns the conversation's id.

        Raises EscalationNotFound, AlreadyEnded, NotYours.
        """
        async with self._database.transaction() as session:
            escalation = await held_by(session, escalation_id, agent.id)
            conversation = await conversation_by_id(session, escalation.conversation_id)
            read = min(sequence, conversation.last_sequence)
            escalation.seen_sequence = max(escalation.seen_sequence, read)
            return conversation.id

    async def resolve(self, escalation_id: str, agent: Agent, note: str | None) -> str:
        """Close the conversation. Raises EscalationNotFound, AlreadyEnded, NotYours."""
        return await self._end(
            escalation_id, agent, EscalationState.RESOLVED, Handover.CLOSED, "agent_resolved", note
        )

    async def hand_back(self, escalation_id: str, agent: Agent) -> str:
        """Let the bot answer again, also what the agent has not seen any more.

        Raises EscalationNotFound, AlreadyEnded, NotYours.
        """
        return await self._end(
            escalation_id, agent, EscalationState.HANDED_BACK, Handover.BOT, "agent_handed_back", None
        )

    async def _mail_reply(
        self, session: AsyncSession, escalation: Escalation, agent: Agent, text: str, now: datetime
    ) -> None:
        """Who left a message reads the answer in the mailbox they named, or that they have proven."""
        address = await reply_address(session, escalation)
        if address is None:
            return
        mail = {
            "to": address,
            "subject": self._wording("reply_mail.subject"),
            "text": self._wording("reply_mail.text", text=text, agent=agent.first_name),
        }
        await enqueue(session, MAIL, mail, now)

    async def _end(
        self,
        escalation_id: str,
        agent: Agent,
        state: EscalationState,
        handover: Handover,
        farewell: str,
        note: str | None,
    ) -> str:
        now = self._clock()
        async with self._database.transaction() as session:
            escalation = await held_by(session, escalation_id, agent.id)
            conversation = await conversation_by_id(session, escalation.conversation_id)
            await end(session, escalation, state, now, note)
            await set_handover(session, conversation, handover, now)
            await add_message(
                session,
                conversation.id,
                author=Author.SYSTEM,
                text=self._wording(farewell, agent=agent.first_name),
                now=now,
            )
            if handover is Handover.BOT:
                await _give_unseen_to_bot(session, escalation, now)
            return conversation.id


async def _give_unseen_to_bot(session: AsyncSession, escalation: Escalation, now: datetime) -> None:
    """What was written while the agent handed back would otherwise be in nobody's hands."""
    *said, _farewell = await messages_after(session, escalation.conversation_id, escalation.seen_sequence)
    unanswered = takewhile(lambda message: message.author == Author.CUSTOMER, reversed(said))
    for message in reversed(list(unanswered)):
        turn = await queue_turn(
            session,
            conversation_id=escalation.conversation_id,
            message_sequence=message.sequence,
            bot_text=bot_text(message.text),
            now=now,
        )
        message.turn_id = turn.id
    await session.flush()
