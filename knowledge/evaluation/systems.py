"""What is measured: the knowledge index itself, and three simpler ways to compare it with."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.article import Article
from knowledge.index import index_articles
from knowledge.lexical import stems
from knowledge.reranking import Reranker
from knowledge.search import KnowledgeIndex

Progress = Callable[[int, int], None]


class System(Protocol):
    """Ready to be asked once it is made of the documents."""

    def rank(self, query: str) -> tuple[NDArray[np.intp], float]:
        """The numbers of the documents, best first, and how sure the first is (any scale)."""
        ...


class Served:
    """The index that customers are answered from, built in a folder of its own."""

    def __init__(
        self,
        articles: Sequence[Article],
        encoder: SentenceEncoder,
        folder: Path,
        progress: Progress,
        reranker: Reranker | None = None,
    ) -> None:
        index_articles(articles, (), folder, encoder, progress)
        self.index = KnowledgeIndex.load(folder, encoder, reranker=reranker)

    def rank(self, query: str) -> tuple[NDArray[np.intp], float]:
        return self.index.ranking(query)


class Dense:
    """The encoder alone: the cosine of the query and the title with the text."""

    def __init__(self, articles: Sequence[Article], encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._vectors = encoder.encode([_whole(article) for article in articles])

    def rank(self, query: str) -> tuple[NDArray[np.intp], float]:
        return _ranked(self._vectors @ self._encoder.encode([query])[0])


class Bm25:
    """BM25 over stems of title and text."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._model = bm25s.BM25(method="lucene")
        self._model.index([stems(_whole(article)) or [""] for article in articles], show_progress=False)
        self._documents = len(articles)

    def rank(self, query: str) -> tuple[NDArray[np.intp], float]:
        known = [term for term in stems(query) if term in self._model.vocab_dict]
        if not known:
            return np.arange(self._documents), 0.0
        return _ranked(self._model.get_scores(known))


class Tfidf:
    """The cosine of TF-IDF vectors of stems of title and text."""

    def __init__(self, articles: Sequence[Article]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

        self._vectorizer = TfidfVectorizer(analyzer=stems, sublinear_tf=True)
        self._vectors = self._vectorizer.fit_transform(_whole(article) for article in articles)

    def rank(self, query: str) -> tuple[NDArray[np.intp], float]:
        return _ranked((self._vectors @ self._vectorizer.transform([query]).T).toarray()[:, 0])


def _whole(article: Article) -> str:
    return f"{article.title}. {article.body}".strip(". ") if article.title else article.body


def _ranked(scores: NDArray[np.float32]) -> tuple[NDArray[np.intp], float]:
    return np.argsort(-scores, kind="stable"), float(scores.max())
