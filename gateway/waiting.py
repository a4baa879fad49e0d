"""What a customer who waits for a person is told, and the ways out of waiting.

A quick reply can be tapped while its message is the last one, so everything said to somebody who
waits offers the ways out again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.handover import Handover
from crm.conversations.models import Author
from crm.conversations.services import Choice, add_message, conversation_by_id, set_handover
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import end, latest_escalation, live_escalation, queue_place, reopen
from gateway.presence import Presence
from gateway.wording import Wording


class WaitingRoom:
    """Speaks to customers between the bot and a person; every method writes in the caller's transaction."""

    def __init__(self, wording: Wording, presence: Presence, minutes_per_conversation: int) -> None:
        self._wording = wording
        self._presence = presence
        self._minutes = minutes_per_conversation

    async def announce(self, session: AsyncSession, conversation_id: str, now: datetime) -> None:
        """Tell the place in the queue and the usual wait, once; after that only offer the ways out again."""
        escalation = await live_escalation(session, conversation_id)
        if escalation is None or escalation.state != EscalationState.OPEN:
            return
        if escalation.announced:
            await self.noted(session, escalation, now)
            return
        await self._say(session, escalation, await self._place(session, escalation), now)
        escalation.announced = True
        await session.flush()

    async def noted(self, session: AsyncSession, escalation: Escalation, now: datetime) -> None:
        """Something was written while nobody answers: it is kept for the agent."""
        await self._say(session, escalation, self._wording("still_waiting"), now)

    async def leave_message(self, session: AsyncSession, conversation_id: str, now: datetime) -> None:
        """The customer will not wait in the chat: mark it for the desk and say what to write."""
        escalation = await live_escalation(session, conversation_id)
        if escalation is None:
            return
        escalation.leaves_message = True
        await self._say(session, escalation, self._wording("leave_message"), now)

    async def back_to_bot(self, session: AsyncSession, conversation_id: str, now: datetime) -> None:
        """The customer stops waiting; possible until an agent has taken the conversation."""
        conversation = await conversation_by_id(session, conversation_id)
        escalation = await live_escalation(session, conversation_id)
        if conversation.handover != Handover.WAITING or escalation is None:
            return
        await end(session, escalation, EscalationState.WITHDRAWN, now)
        await set_handover(session, conversation, Handover.BOT, now)
        await self._system(session, conversation_id, self._wording("back_to_bot"), (), now)

    async def reopen_closed(self, session: AsyncSession, conversation_id: str, now: datetime) -> None:
        """A message in a closed conversation: back to its agent if at the desk, else to the queue."""
        conversation = await conversation_by_id(session, conversation_id)
        escalation = await latest_escalation(session, conversation_id)
        if conversation.handover != Handover.CLOSED or escalation is None:
            return
        keep_agent = escalation.agent_id in self._presence.connected_agents()
        await reopen(session, escalation, keep_agent=keep_agent, now=now)
        await set_handover(session, conversation, Handover.AGENT if keep_agent else Handover.WAITING, now)
        await self._system(session, conversation_id, self._wording("reopened"), (), now)
        await self.announce(session, conversation_id, now)

    async def back_to_queue(self, session: AsyncSession, escalation: Escalation, now: datetime) -> None:
        """Its agent has left: somebody else may take it, and the customer is told."""
        agent = escalation.agent.first_name if escalation.agent else ""
        conversation = await conversation_by_id(session, escalation.conversation_id)
        if conversation.handover != Handover.AGENT:
            return
        await reopen(session, escalation, keep_agent=False, now=now)
        await set_handover(session, conversation, Handover.WAITING, now)
        left = self._wording("agent_back_to_queue", agent=agent)
        await self._system(session, conversation.id, left, (), now)
        await self.announce(session, conversation.id, now)

    async def _place(self, session: AsyncSession, escalation: Escalation) -> str:
        if not self._presence.connected_agents():
            return self._wording("waiting.nobody_there")
        place = await queue_place(session, escalation)
        key = "waiting.first" if place == 1 else "waiting.later"
        return self._wording(key, place=place, minutes=place * self._minutes)

    async def _say(self, session: AsyncSession, escalation: Escalation, text: str, now: datetime) -> None:
        ways_out = "waiting.choices_after_message" if escalation.leaves_message else "waiting.choices"
        await self._system(session, escalation.conversation_id, text, self._wording.choices(ways_out), now)

    async def _system(
        self,
        session: AsyncSession,
        conversation_id: str,
        text: str,
        choices: Sequence[Choice],
        now: datetime,
    ) -> None:
        await add_message(session, conversation_id, author=Author.SYSTEM, text=text, choices=choices, now=now)
