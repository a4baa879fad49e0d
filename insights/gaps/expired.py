"""Articles whose time is over: the bot no longer answers from them, and somebody has to look at them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from knowledge.article import Article


@dataclass(frozen=True)
class Expired:
    """An article that held until `valid_until`, that day included; `owner` keeps it up, where it has one."""

    slug: str
    valid_until: date
    owner: str


def expired(articles: Iterable[Article], today: date) -> list[Expired]:
    """The articles whose last day is over, the one that has been so longest first."""
    over = [
        Expired(article.slug, article.valid_until, article.owner)
        for article in articles
        if article.valid_until is not None and article.valid_until < today
    ]
    return sorted(over, key=lambda article: (article.valid_until, article.slug))
