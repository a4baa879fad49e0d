"""Everything is unseen once, and a fold never sees what it will be asked."""

from collections import Counter
from datetime import date

import pytest

from knowledge.article import Article
from knowledge.gaps import Gap
from knowledge.tuning.labelled import LabelledSet
from knowledge.tuning.material import Material, folds

ARTICLES = tuple(
    Article(
        slug, slug.title(), ("shop",), tuple(f"{slug} {n}?" for n in range(7)), date(2026, 1, 1), "It is so."
    )
    for slug in ("delivery", "gift cards")
)
MATERIAL = Material(
    LabelledSet(
        [*(f"hello {n}" for n in range(10)), *(f"bye {n}" for n in range(5)), "alone"],
        ["greet"] * 10 + ["bye"] * 5 + ["rare"],
    ),
    ARTICLES,
    (Gap("tents", "do you rent tents"), Gap("tents", "can I hire one"), Gap("pets", "may my dog come in")),
)


def questions(material: Material) -> list[str]:
    return [question for article in material.articles for question in article.questions]


def test_every_example_question_and_gap_is_unseen_once() -> None:
    parts = [fold.unseen for fold in folds(MATERIAL, 3)]

    assert Counter(text for part in parts for text in part.intents.texts) == Counter(
        text for text in MATERIAL.intents.texts if text != "alone"
    )
    assert Counter(text for part in parts for text in questions(part)) == Counter(questions(MATERIAL))
    assert sorted(gap.theme for part in parts for gap in part.gaps) == ["tents", "tents"]


def test_what_is_unseen_is_not_learnt_from() -> None:
    for fold in folds(MATERIAL, 3):
        assert not set(fold.seen.intents.texts) & set(fold.unseen.intents.texts)
        assert not {question for question, _ in fold.seen.pairs()} & set(questions(fold.unseen))
        assert not set(fold.seen.gaps) & set(fold.unseen.gaps)


def test_an_intent_is_dealt_evenly_and_one_that_stands_alone_is_always_seen() -> None:
    for fold in folds(MATERIAL, 3):
        assert Counter(fold.unseen.intents.labels)["greet"] in (3, 4)
        assert "alone" in fold.seen.intents.texts


def test_the_same_material_has_the_same_fingerprint_and_a_changed_word_another() -> None:
    again = Material(MATERIAL.intents, MATERIAL.articles, MATERIAL.gaps)
    other = Material(MATERIAL.intents, MATERIAL.articles, MATERIAL.gaps[:2])
    assert again.fingerprint == MATERIAL.fingerprint != other.fingerprint


def test_a_text_without_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="2 texts have 1 labels"):
        LabelledSet(["a", "b"], ["x"])
