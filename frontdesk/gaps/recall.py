"""Answer recall: who was told what an article no longer says, and telling them how it really is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.conversations.errors import ConversationNotFound
from crm.questions.corrections import Article as Corrected
from crm.questions.corrections import send_correction, write_correction
from crm.questions.models import AskedQuestion, Channel
from frontdesk.errors import OperatorError
from frontdesk.gaps.run import open_index
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings
from insights.recall import Recalled, recalled
from knowledge.article import Article

LONGEST = 2_000


@dataclass(frozen=True)
class Sent:
    """How many conversations got the correction by which way, and how many had it or are out of reach."""

    by_chat: int
    by_mail: int
    not_sent: int


async def find(settings: Settings, slug: str, days: int) -> list[Recalled]:
    """The conversations of the last days. Raises OperatorError where nothing was ever said from the article
    and there is none of that name.
    """
    article = open_index(settings).article(slug)
    now = datetime.now(UTC)
    async with ready_database(settings) as database, database.reading() as session:
        found = await recalled(session, slug, article, now - timedelta(days=days), now)
    if article is None and not found:
        raise OperatorError(
            f"There is no article {slug!r}, and in {days} days nothing was said from one of that name; "
            "give the name of its file without .md."
        )
    return found


async def send(
    settings: Settings,
    slug: str,
    told: list[AskedQuestion],
    text: str,
    *,
    by: str,
    say: Callable[[int, int], None],
) -> Sent:
    """Send the words to each of the conversations, one transaction each; run again, it goes on where it was.

    Raises OperatorError for words that nobody could read, or where the database is not ready.
    """
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise OperatorError(f"A correction has 1 to {LONGEST:,} characters; this one has {len(words):,}.")
    article = open_index(settings).article(slug)
    page = _page(article, slug, settings.public_url)
    channels: list[Channel | None] = []
    async with ready_database(settings) as database:
        async with database.transaction() as session:
            correction = await write_correction(
                session, slug=slug, text=words, author=by, now=datetime.now(UTC)
            )
        for asked in told:
            try:
                async with database.transaction() as session:
                    now = datetime.now(UTC)
                    channels.append(await send_correction(session, correction, page, asked, now))
            except ConversationNotFound:
                channels.append(None)
            say(len(channels), len(told))
    return Sent(
        by_chat=channels.count(Channel.CHAT),
        by_mail=channels.count(Channel.MAIL),
        not_sent=channels.count(None),
    )


def _page(article: Article | None, slug: str, public_url: str) -> Corrected:
    """Where the customer reads it now; the start page where the article is gone."""
    start = public_url.rstrip("/")
    if article is None:
        return Corrected(slug, slug.replace("-", " "), f"{start}/")
    return Corrected(slug, article.title, f"{start}{article.url_path}")
