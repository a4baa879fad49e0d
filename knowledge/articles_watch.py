"""The articles' folder of a running server: whatever a trainer saves is answered from a moment later."""

import threading
from pathlib import Path

import structlog

from knowledge.index import build_index
from knowledge.search import KnowledgeIndex

log = structlog.get_logger("knowledge")

_INTERVAL_S = 0.5

Stamps = frozenset[tuple[str, int, int]]


class ArticlesWatch:
    """Looks at the folder twice a second and indexes it again when a file in it has changed.

    An article that is broken just now stays as it was. One process of an installation watches; the others
    take up the index that it writes, see `knowledge.watched_index`.
    """

    def __init__(self, articles_dir: Path, index_dir: Path, index: KnowledgeIndex) -> None:
        self._articles_dir = articles_dir
        self._index_dir = index_dir
        self._index = index
        self._seen = self._stamps()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="articles", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing is being written any more."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(_INTERVAL_S):
            stamps = self._stamps()
            if stamps != self._seen:
                self._seen = stamps
                self._take_up()

    def _take_up(self) -> None:
        try:
            report = build_index(
                self._articles_dir, self._index_dir, self._index.encoder, keep_what_is_broken=True
            )
        except OSError as error:
            log.warning("changed articles cannot be indexed", reason=error.strerror or type(error).__name__)
            return
        log.info("changed articles indexed", articles=report.articles, embedded=report.embedded)
        for problem in report.broken:
            log.warning("article is broken", file=problem.file.name, line=problem.line)

    def _stamps(self) -> Stamps:
        stamps = set()
        for pattern in ("*.md", "*.yml"):
            for file in self._articles_dir.glob(pattern):
                try:
                    found = file.stat()
                except FileNotFoundError:
                    continue
                stamps.add((file.name, found.st_mtime_ns, found.st_size))
        return frozenset(stamps)
