from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder

from knowledge.gaps import GAPS_FILE
from knowledge.index import build_index, read_articles
from knowledge.index_file import StoredIndex, read_index
from knowledge.scoring import FUSED_THRESHOLD, FusedScoring, LearnedScoring, scoring_for
from knowledge.search import KnowledgeIndex
from knowledge.weights import read_weights
from tests.knowledge.factories import write_two_articles

GAPS = """hiring:
  - do you rent out tents
  - can I hire a jacket for a weekend
  - is there a rental service
the company:
  - who owns you
  - how many people work for you
"""


@dataclass
class Named:
    """An encoder as far as scoring looks at it."""

    name: str
    answered_from: float | None = None


@pytest.fixture(scope="module")
def stored(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> StoredIndex:
    folder = tmp_path_factory.mktemp("gaps")
    articles = write_two_articles(folder / "articles")
    (articles / GAPS_FILE).write_text(GAPS)
    build_index(articles, folder / "index", encoder)
    return read_index(folder / "index", encoder.fingerprint)


def test_a_question_near_a_known_gap_scores_under_one_near_an_article(
    stored: StoredIndex, encoder: SentenceEncoder
) -> None:
    index = KnowledgeIndex(stored, encoder)

    (gap,) = index.search("could I rent a jacket from you", k=1)
    (known,) = index.search("may I send this jacket back to you", k=1)

    assert gap.score < known.score
    assert known.article.slug == "returns"


def test_the_threshold_belongs_to_the_way_of_scoring(stored: StoredIndex, encoder: SentenceEncoder) -> None:
    assert KnowledgeIndex(stored, encoder).threshold == read_weights().threshold
    assert KnowledgeIndex(replace(stored, classes=None), encoder).threshold == FUSED_THRESHOLD
    assert KnowledgeIndex(stored, encoder, threshold=0.9).threshold == 0.9


def test_weights_serve_only_the_encoder_they_were_fitted_for(stored: StoredIndex) -> None:
    assert isinstance(scoring_for(stored, Named(read_weights().encoder)), LearnedScoring)
    assert isinstance(scoring_for(stored, Named("another")), FusedScoring)


def test_an_encoder_that_tuning_has_moved_brings_its_own_threshold(stored: StoredIndex) -> None:
    known = scoring_for(stored, Named(read_weights().encoder))
    moved = scoring_for(stored, Named(read_weights().encoder, known.threshold / 2))

    assert moved.threshold == known.threshold / 2
    assert moved.worth_showing == known.worth_showing / 2


def test_an_index_without_gaps_is_scored_by_how_far_the_nearest_stands_out(stored: StoredIndex) -> None:
    scoring = scoring_for(replace(stored, classes=None), Named(read_weights().encoder))

    assert isinstance(scoring, FusedScoring)


def test_a_listed_question_gets_its_article_however_near_a_gap_is(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    listed = read_articles(articles)[0][0].questions[0]
    places = ("on the moon", "in a submarine", "by owl")
    near = "".join(f"  - {listed.rstrip('?')} {place}\n" for place in places)
    (articles / GAPS_FILE).write_text(f"elsewhere:\n{near}")
    build_index(articles, tmp_path / "index", encoder)
    index = KnowledgeIndex.load(tmp_path / "index", encoder)

    answer, gap = index.best_answer(listed.lower()), index.best_answer(f"{listed.rstrip('?')} in a submarine")

    assert answer is not None
    assert answer.score == 1
    assert gap is None


def test_a_text_that_resembles_nothing_is_far_under_the_threshold(
    stored: StoredIndex, encoder: SentenceEncoder
) -> None:
    index = KnowledgeIndex(stored, encoder)

    assert all(answer.score < 0.05 for answer in index.search("zxcv hjkl"))


def test_probabilities_of_the_classes_sum_to_one(stored: StoredIndex, encoder: SentenceEncoder) -> None:
    assert stored.classes is not None
    probabilities = np.exp(stored.classes.log_probabilities(encoder.encode(["where is my parcel"])[0]))

    assert probabilities.shape == (len(stored.articles) + 2,)
    assert probabilities.sum() == pytest.approx(1, abs=1e-4)


def test_one_article_and_one_theme_are_enough_to_learn_from(encoder: SentenceEncoder, tmp_path: Path) -> None:
    articles = write_two_articles(tmp_path / "articles")
    (articles / "delivery-times.md").unlink()
    (articles / GAPS_FILE).write_text("hiring:\n  - do you rent out tents\n")
    build_index(articles, tmp_path / "index", encoder)
    index = KnowledgeIndex.load(tmp_path / "index", encoder)

    known, gap = index.search("can I return this")[0], index.search("do you rent out tents")[0]

    assert known.score > gap.score


def test_a_new_gap_is_all_that_is_embedded_and_the_classes_learn_it(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    articles = write_two_articles(tmp_path / "articles")
    (articles / GAPS_FILE).write_text(GAPS)
    build_index(articles, tmp_path / "index", encoder)
    before = read_index(tmp_path / "index", encoder.fingerprint)
    (articles / GAPS_FILE).write_text(GAPS + "weather:\n  - will it rain tomorrow\n")

    report = build_index(articles, tmp_path / "index", encoder)
    after = read_index(tmp_path / "index", encoder.fingerprint)

    assert (report.embedded, report.gaps) == (1, 6)
    assert before.classes is not None
    assert after.classes is not None
    assert after.classes.themes == (*before.classes.themes, "weather")


def test_an_unchanged_index_keeps_what_it_has_learned(encoder: SentenceEncoder, tmp_path: Path) -> None:
    articles = write_two_articles(tmp_path / "articles")
    (articles / GAPS_FILE).write_text(GAPS)
    build_index(articles, tmp_path / "index", encoder)
    first = read_index(tmp_path / "index", encoder.fingerprint)
    build_index(articles, tmp_path / "index", encoder)
    second = read_index(tmp_path / "index", encoder.fingerprint)

    assert first.classes is not None
    assert second.classes is not None
    assert np.array_equal(first.classes.weights, second.classes.weights)
