"""What searching and indexing cost beside the encoder itself, on one core.

    taskset -c 0 uv run python benchmarks/knowledge_speed.py DOCS.jsonl QUERIES.jsonl

Processor time is shown beside the wall's, because other work on the machine moves the latter alone.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sentence_encoder import SentenceEncoder

from knowledge.evaluation.corpus import read_corpus
from knowledge.index import embedded_texts, index_articles
from knowledge.search import KnowledgeIndex

ROOT = Path(__file__).parent.parent


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def describe(name: str, samples: list[tuple[float, float]]) -> None:
    for kind, seconds in zip(("wall", "processor"), zip(*samples, strict=True), strict=True):
        low, high = np.percentile(seconds, [50, 95]) * 1000
        print(f"{name:10} {kind:10} p50 {low:6.1f} ms  p95 {high:6.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--encoder", type=Path, default=ROOT / "var/encoder")
    options = parser.parse_args()
    corpus = read_corpus(options.docs, options.queries)
    encoder = SentenceEncoder(options.encoder, threads=1)
    texts = list({text for article in corpus.articles for _, text, _ in embedded_texts(article)})
    wholes = [f"{article.title}. {article.body}" for article in corpus.articles]
    with tempfile.TemporaryDirectory() as folder:
        index_dir = Path(folder)
        built = timed(lambda: index_articles(corpus.articles, (), index_dir, encoder))
        bare = timed(lambda: encoder.encode(texts))
        alone = timed(lambda: encoder.encode(wholes))
        index = KnowledgeIndex.load(index_dir, encoder)
    for name, (wall, processor) in (("indexing", built), ("its texts", bare), ("wholes", alone)):
        print(f"{name:10} {wall:7.1f} s, {processor:7.1f} s of the processor, {built[1] / processor:.2f}")
    print(f"{len(corpus.articles)} documents, {len(index.stored.entries)} vectors")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    queries = [query.text for query in corpus.queries]
    for query in queries[:5]:
        index.search(query)
    describe("search", [timed(lambda query=query: index.search(query)) for query in queries])
    describe("encoding", [timed(lambda query=query: encoder.encode([query])) for query in queries])


if __name__ == "__main__":
    main()
