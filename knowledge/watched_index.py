"""The knowledge index of a running server, which takes up a new one as soon as it is written."""

import threading
from pathlib import Path

import structlog
from sentence_encoder import EncoderMissing, SentenceEncoder, folder_of
from sentence_encoder.description import DESCRIPTION_FILE

from knowledge.article import Article
from knowledge.index_file import INDEX_FILE, IndexUnusable, StoredIndex, read_index
from knowledge.reranking import Reranker
from knowledge.search import Answer, Filters, KnowledgeIndex
from knowledge.stores.choice import StoreFor, in_memory

log = structlog.get_logger("knowledge")

Stamp = tuple[int, int, int]


class WatchedIndex(KnowledgeIndex):
    """Answers from the index that is in `index_dir` now, with the encoder it names: the one in `encoder_dir`
    or one kept beside it. What cannot be used is passed over with a line in the log, and the last pair kept.

    A new encoder takes a second to load, so that is done on a thread and the old pair answers meanwhile.
    `threads` is the encoder's. Raises IndexUnusable or EncoderMissing where there is no pair to begin with.
    """

    def __init__(
        self,
        index_dir: Path,
        encoder_dir: Path,
        threshold: float | None = None,
        threads: int | None = None,
        reranker: Reranker | None = None,
        store_for: StoreFor = in_memory,
    ) -> None:
        self._store_for = store_for
        self._index_dir = index_dir
        self._encoder_dir = encoder_dir
        self._threads = threads
        self._one_at_a_time = threading.Lock()
        self._seen = self._stamps()
        stored = read_index(index_dir)
        encoder = self._encoder_of(stored)
        super().__init__(stored, encoder, threshold, reranker, store_for)
        self._latest = KnowledgeIndex(stored, encoder, threshold, reranker, store_for)

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

    def search(
        self, question: str, k: int = 3, filters: Filters | None = None, before: str = ""
    ) -> list[Answer]:
        return self._now().search(question, k, filters, before)

    def best_answer(self, question: str, before: str = "") -> Answer | None:
        return self._now().best_answer(question, before)

    def possible_answer(self, question: str, before: str = "") -> Answer | None:
        return self._now().possible_answer(question, before)

    def _now(self) -> KnowledgeIndex:
        # Where another thread is at it already, the last pair will do.
        if self._stamps() != self._seen and self._one_at_a_time.acquire(blocking=False):
            try:
                self._look_again()
            finally:
                self._one_at_a_time.release()
        return self._latest

    def _look_again(self) -> None:
        self._seen = self._stamps()
        try:
            stored = read_index(self._index_dir)
        except IndexUnusable as error:
            log.warning("new index is not usable", error=type(error).__name__)
            return
        if stored.fingerprint == self._latest.stored.fingerprint:
            self._take_up(stored, self._latest.encoder)
        else:
            threading.Thread(target=self._take_up_with_encoder, daemon=True).start()

    def _take_up_with_encoder(self) -> None:
        with self._one_at_a_time:
            try:
                stored = read_index(self._index_dir)
                encoder = self._encoder_of(stored)
            except (IndexUnusable, EncoderMissing) as error:
                log.warning("new index is not usable, the one before it answers", reason=str(error))
            else:
                self._take_up(stored, encoder)

    def _take_up(self, stored: StoredIndex, encoder: SentenceEncoder) -> None:
        # One assignment: whoever asks meets the old pair or the new one.
        self._latest = KnowledgeIndex(stored, encoder, self._threshold, self._reranker, self._store_for)
        # Nothing of the old pair stays in memory.
        super().__init__(stored, encoder, self._threshold, self._reranker, self._store_for)
        log.info("new index taken up", articles=len(stored.articles), encoder=encoder.fingerprint[:12])

    def _encoder_of(self, stored: StoredIndex) -> SentenceEncoder:
        """The encoder the index was made with, ready for its first sentence."""
        folder = folder_of(self._encoder_dir, stored.fingerprint)
        if folder is None:
            # Where there is none at all, it says so itself.
            in_use = SentenceEncoder(self._encoder_dir, self._threads)
            raise IndexUnusable(
                f"The knowledge index in {self._index_dir} was made with another sentence encoder than "
                f"{in_use.name}, and that one is not kept; `frontdesk up` or `frontdesk knowledge index` "
                "rebuilds it."
            )
        encoder = SentenceEncoder(folder, self._threads)
        encoder.encode(["warm"])
        return encoder

    def _stamps(self) -> tuple[Stamp | None, Stamp | None]:
        """What tells one written index and encoder from another; a look at them costs microseconds."""
        return _stamp(self._index_dir / INDEX_FILE), _stamp(self._encoder_dir / DESCRIPTION_FILE)


def _stamp(file: Path) -> Stamp | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
