"""A cross-encoder, where there is one, decides who of the nearest articles comes first."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.gaps import read_gaps
from knowledge.index import index_articles, read_articles
from knowledge.reranking import RERANKED, CrossEncoderReranker, RerankerUnusable, reranked
from knowledge.search import Answer, KnowledgeIndex
from tests.small_models import save_cross_encoder

ARTICLES = Path(__file__).parents[2] / "knowledge" / "articles"
QUESTION = "the colour of my jumper faded, and who pays to send it back"


@pytest.fixture(scope="module")
def shop_index(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    """Twelve of the shop's articles, with some known gaps."""
    folder = tmp_path_factory.mktemp("knowledge")
    articles, _ = read_articles(ARTICLES)
    gaps, _ = read_gaps(ARTICLES, articles)
    index_articles(articles[:12], gaps[:40], folder, encoder)
    return KnowledgeIndex.load(folder, encoder)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("cross-encoder"), outputs=1)


def test_the_first_few_come_in_the_order_of_the_cross_encoder(
    shop_index: KnowledgeIndex, encoder: SentenceEncoder, cross_encoder: Path
) -> None:
    reranker = CrossEncoderReranker(str(cross_encoder))
    before = shop_index.search(QUESTION, k=RERANKED)
    after = KnowledgeIndex(shop_index.stored, encoder, reranker=reranker).search(QUESTION, k=RERANKED)
    assert {each.article.slug for each in after} == {each.article.slug for each in before}
    likeness = reranker(QUESTION, [f"{each.article.title}. {each.passage}" for each in after])
    assert list(likeness) == sorted(likeness, reverse=True)
    assert [each.article.slug for each in after] != [each.article.slug for each in before]


def test_how_sure_the_first_is_stays_what_the_calibration_says(shop_index: KnowledgeIndex) -> None:
    before = shop_index.search(QUESTION, k=RERANKED)
    after = KnowledgeIndex(shop_index.stored, shop_index.encoder, reranker=backwards).search(
        QUESTION, k=RERANKED
    )
    assert [each.score for each in after] == [each.score for each in before]
    assert slugs(after) == slugs(before)[::-1]


def test_a_question_that_is_listed_word_for_word_needs_no_second_look(shop_index: KnowledgeIndex) -> None:
    article = shop_index.articles[0]
    index = KnowledgeIndex(shop_index.stored, shop_index.encoder, reranker=backwards)
    assert index.search(article.questions[0])[0].article.slug == article.slug


def test_scores_of_the_others_stay() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.4], dtype=np.float32)
    dealt = reranked(scores, np.array([1, 2]), np.array([-1.0, 2.0], dtype=np.float32))
    assert dealt.tolist() == pytest.approx([0.1, 0.5, 0.9, 0.4])


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnusable, match=r"nowhere cannot be loaded .* or leave it out"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))


def test_one_that_sorts_into_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnusable, match="has 3 outputs: name one with a single one"):
        CrossEncoderReranker(str(save_cross_encoder(tmp_path, outputs=3)))


def backwards(_question: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Whoever came last comes first."""
    return np.arange(len(texts), dtype=np.float32)


def slugs(answers: Sequence[Answer]) -> list[str]:
    return [each.article.slug for each in answers]
