"""The knowledge index of a running server, which takes up a new one as soon as it is written."""

from pathlib import Path

import structlog
from sentence_encoder import SentenceEncoder

from knowledge.article import Article
from knowledge.index_file import INDEX_FILE, IndexUnusable
from knowledge.search import Answer, KnowledgeIndex

log = structlog.get_logger("knowledge")

Stamp = tuple[int, int, int]


class WatchedIndex(KnowledgeIndex):
    """Answers from the index that is in `folder` now; an unusable one is passed over, and the last kept.

    Raises IndexUnusable where there is none to begin with.
    """

    def __init__(self, folder: Path, encoder: SentenceEncoder, threshold: float | None = None) -> None:
        self._file = folder / INDEX_FILE
        self._seen = self._stamp()
        self._latest = KnowledgeIndex.load(folder, encoder, threshold)
        super().__init__(self._latest.stored, encoder, threshold)

    @property
    def threshold(self) -> float:
        return self._now().threshold

    @property
    def worth_showing(self) -> float:
        return self._now().worth_showing

    @property
    def articles(self) -> tuple[Article, ...]:
        return self._now().articles

    def article(self, slug: str) -> Article | None:
        return self._now().article(slug)

    def search(self, question: str, k: int = 3) -> list[Answer]:
        return self._now().search(question, k)

    def best_answer(self, question: str) -> Answer | None:
        return self._now().best_answer(question)

    def possible_answer(self, question: str) -> Answer | None:
        return self._now().possible_answer(question)

    def _now(self) -> KnowledgeIndex:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._latest = KnowledgeIndex.load(self._file.parent, self._encoder, self._threshold)
            except IndexUnusable as error:
                log.warning("new index is not usable", error=type(error).__name__)
            else:
                log.info("new index taken up", articles=len(self._latest.articles))
        return self._latest

    def _stamp(self) -> Stamp | None:
        """What tells one written file from another; a look at it costs microseconds."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
