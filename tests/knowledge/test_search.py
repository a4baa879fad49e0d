from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.passages import PASSAGE_LENGTH
from knowledge.search import KnowledgeIndex
from tests.knowledge.factories import write_two_articles


@pytest.fixture(scope="module")
def index(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("knowledge")
    build_index(write_two_articles(folder / "articles"), folder / "index", encoder)
    return KnowledgeIndex.load(folder / "index", encoder)


def test_a_known_question_finds_its_article(index: KnowledgeIndex) -> None:
    answer = index.best_answer("how do I return a jacket")

    assert answer is not None
    assert answer.article.slug == "returns"
    assert index.threshold < answer.score <= 1.0


def test_a_question_in_other_words_finds_its_article(index: KnowledgeIndex) -> None:
    answer = index.best_answer("how many days until my package gets here?")

    assert answer is not None
    assert answer.article.slug == "delivery-times"


def test_articles_come_best_first_and_at_most_as_many_as_asked_for(index: KnowledgeIndex) -> None:
    both = index.search("can I send it back", k=5)

    assert [answer.article.slug for answer in both] == ["returns", "delivery-times"]
    assert both[0].score > both[1].score
    assert [answer.article.slug for answer in index.search("can I send it back", k=1)] == ["returns"]


def test_the_passage_is_the_part_of_the_article_that_answers(index: KnowledgeIndex) -> None:
    (answer,) = index.search("what does the post cost to send it back, is there a label?", k=1)

    assert answer.passage == (
        "1. Print the free label.\n2. Take the parcel to any Royal Mail shop.\n"
        "We refund you within 5 working days of its arrival."
    )


@pytest.mark.parametrize(
    "question", ["asdf qwer", "write me a poem about the moon", "what's the weather like"]
)
def test_a_question_that_no_article_answers_gets_none(index: KnowledgeIndex, question: str) -> None:
    assert index.best_answer(question) is None
    assert all(answer.score < index.threshold for answer in index.search(question))


@pytest.mark.parametrize("question", ["", "  \n", "🧥", "?!", "\ud800"])
def test_a_question_without_words_finds_nothing(index: KnowledgeIndex, question: str) -> None:
    assert index.search(question) == []
    assert index.best_answer(question) is None


@pytest.mark.parametrize(
    "question",
    ["x" * 10_000, "return " * 2_000, "how do I return a jacket \ud800", "how do I return a jacket 🧥"],
)
def test_an_awkward_question_is_searched_like_any_other(index: KnowledgeIndex, question: str) -> None:
    nearest = index.search(question)

    assert len(nearest) == 2
    assert all(0 < len(answer.passage) <= PASSAGE_LENGTH for answer in nearest)


def test_the_threshold_decides_what_is_answered(index: KnowledgeIndex, encoder: SentenceEncoder) -> None:
    question = "how many days until my package gets here?"
    score = index.search(question)[0].score
    stored = index.stored

    assert KnowledgeIndex(stored, encoder, threshold=score - 0.01).best_answer(question) is not None
    assert KnowledgeIndex(stored, encoder, threshold=score + 0.01).best_answer(question) is None


def test_an_article_is_found_by_its_address(index: KnowledgeIndex) -> None:
    article = index.article("returns")

    assert article is not None
    assert article.title == "Returning something"
    assert index.article("nothing-like-it") is None


def test_an_index_without_articles_answers_nothing(encoder: SentenceEncoder, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    build_index(tmp_path / "articles", tmp_path / "index", encoder)

    assert KnowledgeIndex.load(tmp_path / "index", encoder).search("how do I return a jacket") == []
