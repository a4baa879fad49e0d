"""The whole picture of a period: what was left open, how articles fared, and which need attention."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.questions.models import AskedQuestion, Outcome
from crm.questions.services import ArticleCount, article_counts, left_open, outcome_counts
from insights.gaps.expired import Expired, expired
from insights.gaps.themes import OpenQuestion, Theme, themes_of
from insights.gaps.upkeep import Pair, contradicting, overlapping
from knowledge.search import KnowledgeIndex


@dataclass(frozen=True)
class Nearest:
    """The article that comes nearest to a theme; `score` is the search's, 0 to 1."""

    slug: str
    title: str
    score: float


@dataclass(frozen=True)
class Gap:
    """A theme that no article answers well, and where an answer could be written."""

    theme: Theme
    nearest: Nearest | None


@dataclass(frozen=True)
class GapReport:
    """A period from `since` until before `until`. `asked` counts the questions by what became of them."""

    since: datetime
    until: datetime
    asked: dict[Outcome, int]
    gaps: tuple[Gap, ...]
    counts: tuple[ArticleCount, ...]
    titles: dict[str, str]
    never_used: tuple[str, ...]
    expired: tuple[Expired, ...]
    overlapping: tuple[Pair, ...]
    contradicting: tuple[Pair, ...]


async def open_questions(session: AsyncSession, since: datetime, until: datetime) -> list[OpenQuestion]:
    """What had no answer in the period, or one that did not help."""
    return [_open(asked) for asked in await left_open(session, since, until)]


async def gap_report(
    session: AsyncSession, index: KnowledgeIndex, since: datetime, until: datetime
) -> GapReport:
    """Everything in the store about the period, beside the articles there are now."""
    counts = await article_counts(session, since, until)
    asked = await outcome_counts(session, since, until)
    questions = await open_questions(session, since, until)
    vectors = index.encoder.encode([question.text for question in questions])
    themes = themes_of(questions, vectors)
    used = {count.slug for count in counts}
    over = expired(index.articles, until.date())
    # That an article says the same as the one it replaces is no news.
    gone = {article.slug for article in over}
    kept = [article for article in index.articles if article.slug not in gone]
    return GapReport(
        since=since,
        until=until,
        asked=asked,
        gaps=tuple(Gap(theme, nearest_to(index, theme.name)) for theme in themes),
        counts=tuple(counts),
        titles={article.slug: article.title for article in index.articles},
        never_used=tuple(article.slug for article in kept if article.slug not in used),
        expired=tuple(over),
        overlapping=tuple(overlapping(kept, index.encoder.encode)),
        contradicting=tuple(contradicting(kept, index.encoder.encode)),
    )


def nearest_to(index: KnowledgeIndex, question: str) -> Nearest | None:
    """The first article of a search, whatever its score; None where there are no articles."""
    for answer in index.search(question, k=1):
        return Nearest(answer.article.slug, answer.article.title, answer.score)
    return None


def _open(asked: AskedQuestion) -> OpenQuestion:
    return OpenQuestion(
        text=asked.question,
        conversation_id=asked.conversation_id,
        asked_at=asked.asked_at,
        told=asked.outcome is not Outcome.UNANSWERED,
    )
