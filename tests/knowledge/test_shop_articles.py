"""The articles that come with the demo shop."""

import re
from pathlib import Path

from crm.policy import policy
from knowledge.index import read_articles
from knowledge.passages import PASSAGE_LENGTH, passages_of

# The law's, an invoice's and a cookie's, which are not the shop's to decide or have no setting.
OTHER_THIRTY_DAYS = ("business-and-group-orders.md: - **Paying**", "faults-that-show-later.md", "cookies")
ARTICLES = Path(__file__).parents[2] / "knowledge" / "articles"


def test_every_article_is_sound() -> None:
    articles, problems = read_articles(ARTICLES)

    assert [str(problem) for problem in problems] == []
    assert len(articles) >= 64


def test_links_between_articles_lead_somewhere() -> None:
    articles, _ = read_articles(ARTICLES)
    addresses = {article.url_path for article in articles}
    linked = {link for article in articles for link in re.findall(r"\]\((/help/[^)#]*)", article.body)}

    assert linked <= addresses


def test_every_passage_ends_as_its_writer_ended_it() -> None:
    articles, _ = read_articles(ARTICLES)

    for article in articles:
        for passage in passages_of(article.body):
            assert len(passage.text) <= PASSAGE_LENGTH
            assert not passage.text.endswith("…"), f"{article.slug} has a sentence too long for the chat"


def test_no_article_writes_a_number_that_the_policy_decides() -> None:
    days = policy().returns.days
    written = [
        f"{file.name}: {line}"
        for file in sorted(ARTICLES.glob("*.md"))
        for line in file.read_text(encoding="utf-8").split("\n---\n", 1)[1].splitlines()
        if re.search(rf"\b(within|have|after|the|usual|same|your) {days} days", line, re.IGNORECASE)
        and "returns.days" not in line
    ]

    assert [line for line in written if not line.startswith(OTHER_THIRTY_DAYS)] == []
