"""Suggested replies for agents; the encoder runs on a thread so that no socket waits for it."""

import asyncio

from crm.conversations.models import Author
from crm.conversations.services import transcript
from crm.database import Database
from escalation.document import Suggestion
from escalation.suggestions import suggest
from knowledge.search import KnowledgeIndex


class Suggesting:
    """What the knowledge base would answer to the customer's latest question."""

    def __init__(self, database: Database, index: KnowledgeIndex, public_url: str) -> None:
        self._database = database
        self._index = index
        self._public_url = public_url

    async def for_conversation(self, conversation_id: str) -> list[Suggestion]:
        """Up to three replies; none for an unknown conversation."""
        async with self._database.reading() as session:
            messages = await transcript(session, conversation_id)
        texts = [message.text for message in messages if message.author == Author.CUSTOMER]
        return await asyncio.to_thread(suggest, self._index, texts, self._public_url)
