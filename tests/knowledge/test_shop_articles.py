"""The articles that come with the demo shop."""

import re
from pathlib import Path

from knowledge.index import read_articles
from knowledge.passages import PASSAGE_LENGTH, passages_of

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
