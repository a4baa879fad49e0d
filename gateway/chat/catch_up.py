"""Tells Rasa's tracker what people said while it was paused, before its next turn."""

from collections.abc import Iterable
from typing import Any

from crm.conversations.models import Author, Message, Turn
from crm.conversations.services import conversation_by_id, lock_conversation, messages_after
from crm.database import Database
from gateway.rasa import BotGone, RasaClient

# A form that was open before a person took over is not asked again; the slots stay. `resume` alone
# would run the handover action again, so `action_listen` follows in the same request.
BACK_TO_LISTENING: list[dict[str, Any]] = [
    {"event": "active_loop", "name": None},
    {"event": "slot", "name": "requested_slot", "value": None},
    {"event": "resume"},
    {"event": "action", "name": "action_listen"},
]


def missed_events(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Turns of the customer and of agents as tracker events, so that the bot's memory is whole."""
    events: list[dict[str, Any]] = []
    for message in messages:
        if message.author == Author.CUSTOMER:
            events.append(
                {
                    "event": "user",
                    "text": message.text,
                    # No name: nobody classified it, and Rasa refuses an intent named null.
                    "parse_data": {
                        "text": message.text,
                        "intent": {"confidence": 0.0},
                        "entities": [],
                    },
                    "metadata": {"answered_by": "agent"},
                }
            )
        elif message.author == Author.AGENT:
            events.append(
                {
                    "event": "bot",
                    "text": message.text,
                    "data": {},
                    "metadata": {"author": "agent", "name": message.author_name},
                }
            )
    return events


class CatchUp:
    """Brings the tracker up to the message before a turn, where people answered in between."""

    def __init__(self, database: Database, rasa: RasaClient) -> None:
        self._database = database
        self._rasa = rasa

    async def __call__(self, turn: Turn) -> None:
        """Raises BotGone or BotConfused; nothing is marked as told unless the tracker took it."""
        async with self._database.reading() as session:
            conversation = await conversation_by_id(session, turn.conversation_id)
            if not conversation.bot_must_resume:
                return
            messages = await messages_after(session, conversation.id, conversation.bot_knows_sequence)
        missed = [message for message in messages if message.sequence < turn.message_sequence]
        try:
            await self._rasa.append(turn.conversation_id, missed_events(missed) + BACK_TO_LISTENING)
        except BotGone as error:
            # Whatever became of the events, the turn itself has not been sent.
            raise BotGone(str(error), maybe_delivered=False) from None
        async with self._database.transaction() as session:
            conversation = await lock_conversation(session, turn.conversation_id)
            conversation.bot_must_resume = False
            conversation.bot_knows_sequence = turn.message_sequence
