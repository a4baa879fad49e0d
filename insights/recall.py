"""Who was told something that an article no longer says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.services import conversation_by_id
from crm.questions.corrections import reach
from crm.questions.models import AskedQuestion, Channel
from crm.questions.services import answers_from
from knowledge.article import Article
from knowledge.passages import passages_of

_SENTENCE_END = re.compile(r"(?<=[.!?…:])\s+|\n+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Recalled:
    """A conversation that was given text which is gone now: the latest such answer in it.

    `gone` are the sentences that the article no longer has; `channel` is how the customer is still reached.
    """

    asked: AskedQuestion
    gone: tuple[str, ...]
    channel: Channel | None


async def recalled(
    session: AsyncSession, slug: str, article: Article | None, since: datetime, now: datetime
) -> list[Recalled]:
    """The conversations in the order in which they were told; without an article all it said is gone."""
    present = said_now(article)
    latest: dict[str, Recalled] = {}
    for asked in await answers_from(session, slug, since):
        gone = no_longer_said(asked.passage, present)
        if gone:
            conversation = await conversation_by_id(session, asked.conversation_id)
            channel = await reach(session, conversation, now)
            latest[asked.conversation_id] = Recalled(asked, tuple(gone), channel)
    return list(latest.values())


def said_now(article: Article | None) -> str:
    """All the words of an article, in their order; what an answer is looked for in."""
    if article is None:
        return ""
    return _words("\n".join(passage.text for passage in passages_of(article.body)))


def no_longer_said(passage: str, present: str) -> Sequence[str]:
    """The sentences of an answer whose words do not stand in `present` any more; marks do not count."""
    sentences = [sentence.strip() for sentence in _SENTENCE_END.split(passage)]
    return [
        sentence
        for sentence in sentences
        if (words := _words(sentence)) and f" {words} " not in f" {present} "
    ]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
