"""A large index weighs a few articles, and answers as it would after weighing all."""

from datetime import date
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge import index as index_module
from knowledge.index import index_articles
from knowledge.index_file import read_index
from knowledge.search import Filters, KnowledgeIndex
from tests.knowledge.factories import article

TOPICS = ["parcels", "refunds", "boots", "gift cards", "repairs", "wool", "candles", "opening hours"]
ARTICLES = [
    article(
        f"{topic.replace(' ', '-')}-{number}",
        title=f"{topic.capitalize()} in case {number}",
        body=f"What we do about {topic} in case {number}. The form is HX-{number}{place}.",
        topics=(topic,),
        locale="en" if number % 2 else "de",
        valid_until=date(2026, 1, 31) if number == 0 else None,
    )
    for place, topic in enumerate(TOPICS)
    for number in range(15)
]
QUESTIONS = [
    "what about boots in case 7",
    "form HX-93",
    "someone has to repair it, case 11",
    "do you sell wool",
]


@pytest.fixture(scope="module")
def whole(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("whole")
    index_articles(ARTICLES, (), folder, encoder)
    return KnowledgeIndex.load(folder, encoder)


@pytest.fixture(scope="module")
def large_folder(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "LARGE", 100)
        index_articles(ARTICLES, (), folder, encoder)
    return folder


@pytest.fixture(scope="module")
def large(encoder: SentenceEncoder, large_folder: Path) -> KnowledgeIndex:
    return KnowledgeIndex.load(large_folder, encoder)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answers_are_those_of_all_articles(
    question: str, whole: KnowledgeIndex, large: KnowledgeIndex
) -> None:
    filters = Filters(on=date(2026, 6, 1))
    expected, found = whole.search(question, 3, filters), large.search(question, 3, filters)

    assert whole.stored.lists is None
    assert large.stored.lists is not None
    assert [answer.article.slug for answer in found] == [answer.article.slug for answer in expected]
    assert [answer.passage for answer in found] == [answer.passage for answer in expected]
    assert [answer.score for answer in found] == pytest.approx([each.score for each in expected], abs=0.02)


def test_filters_that_leave_few_articles_still_find_them(large: KnowledgeIndex) -> None:
    filters = Filters(topics=frozenset({"candles"}), locale="de", on=date(2026, 6, 1))

    found = large.search("what about boots in case 7", 50, filters)

    assert found
    assert all(filters.allow(answer.article) for answer in found)


def test_what_has_expired_is_never_an_answer(large: KnowledgeIndex) -> None:
    found = large.search("parcels in case 0", 50, Filters(on=date(2026, 6, 1)))

    assert all(not answer.article.slug.endswith("-0") for answer in found)


def test_filters_that_nothing_passes_give_no_answer(large: KnowledgeIndex) -> None:
    assert large.search("boots", 3, Filters(locale="fr")) == []


def test_a_ranking_has_every_article_once(large: KnowledgeIndex) -> None:
    order, chance = large.ranking("what about boots in case 7")

    assert sorted(order.tolist()) == list(range(len(ARTICLES)))
    assert large.articles[order[0]].slug == "boots-7"
    assert 0.0 < chance <= 1.0


def test_the_lists_lie_in_the_index_file(large_folder: Path, large: KnowledgeIndex) -> None:
    again = read_index(large_folder)

    assert again.lists is not None
    assert large.stored.lists is not None
    assert again.lists.tobytes() == large.stored.lists.tobytes()
