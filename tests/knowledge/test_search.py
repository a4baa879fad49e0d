from datetime import date
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.glossary import Glossary
from knowledge.index import build_index, index_articles
from knowledge.passages import PASSAGE_LENGTH
from knowledge.search import Answer, Filters, KnowledgeIndex
from tests.knowledge.factories import article, write_two_articles


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


SHOP = (
    article(
        "delivery", topics=("delivery",), title="What delivery costs", body="Delivery costs £3.95 in the UK."
    ),
    article("abroad", topics=("delivery",), title="Delivery abroad", body="Delivery to Canada costs £25."),
    article("washing", topics=("care",), title="Washing a tent", body="Never wash a tent in the machine."),
    article("old", title="Summer sale", body="The sale lasts all July.", valid_until=date(2020, 7, 31)),
    article("trainers", title="Care of trainers", body="Brush trainers when they are dry."),
)


@pytest.fixture(scope="module")
def shop(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("shop")
    index_articles(SHOP, (), folder, encoder, glossary=Glossary({"plimsolls": "trainers"}))
    return KnowledgeIndex.load(folder, encoder)


def first(answers: list[Answer]) -> str:
    return answers[0].article.slug


def test_filters_leave_only_what_they_allow(shop: KnowledgeIndex) -> None:
    question = "how do I wash my tent"

    assert first(shop.search(question)) == "washing"
    found = shop.search(question, k=9, filters=Filters(topics=frozenset(["delivery"])))
    assert {answer.article.slug for answer in found} == {"delivery", "abroad"}
    assert shop.search(question, filters=Filters(locale="fr")) == []


def test_an_article_answers_only_while_it_is_valid(shop: KnowledgeIndex) -> None:
    question = "how long is the summer sale"

    assert first(shop.search(question)) != "old"
    assert first(shop.search(question, filters=Filters(on=date(2020, 7, 1)))) == "old"


def test_a_short_question_goes_on_about_the_one_before(shop: KnowledgeIndex) -> None:
    alone = shop.search("and to Canada?", before="")[0]
    after = shop.search("and to Canada?", before="what does delivery cost")[0]

    assert after.article.slug == "abroad"
    assert after.confidence > alone.confidence


def test_a_question_is_found_inside_a_long_story(shop: KnowledgeIndex) -> None:
    story = (
        "Last summer the whole family drove to the lake with two cars, and on the way back it rained so much "
        "that nothing stayed dry, least of all the dog. Can the tent go in the washing machine? Bye, Ann."
    )

    assert first(shop.search(story)) == "washing"


def test_the_glossary_and_slips_of_the_hand_are_understood(shop: KnowledgeIndex) -> None:
    assert first(shop.search("dirty plimsolls")) == "trainers"
    assert first(shop.search("wahsing a tent in the machne")) == "washing"


def test_of_articles_that_say_the_same_only_one_is_given(encoder: SentenceEncoder, tmp_path: Path) -> None:
    twice = article("again", title="Washing a tent", body="Never wash a tent in the machine.")
    index_articles((*SHOP, twice), (), tmp_path, encoder)
    index = KnowledgeIndex.load(tmp_path, encoder)

    slugs = [answer.article.slug for answer in index.search("may I wash a tent", k=4)]
    assert len({"washing", "again"} & set(slugs)) == 1
    assert len(slugs) == 4


@pytest.mark.parametrize("question", ["word " * 2000, "a" * 10_000, "🙂🙂🙂", "\ud800", ""])
def test_odd_questions_get_an_honest_answer(shop: KnowledgeIndex, question: str) -> None:
    assert shop.best_answer(question) is None
