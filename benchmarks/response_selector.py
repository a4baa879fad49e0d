"""The knowledge index against Rasa's ResponseSelector: the same documents, the same questions, one run.

    uv run python -m benchmarks.response_selector
    uv run python -m benchmarks.response_selector --docs DOCS.jsonl --queries QUERIES.jsonl

Both know of a document what a trainer of each would have written down: its title and known questions as
examples, its text as the answer; the index reads the text as well, which the selector cannot. "Ready" is
from the documents to the first answer: embedding and learning here, training and loading the model there.
Rasa's imports are not counted. Its pipeline is the one of `rasa init` without the parts that have nothing
to do with it. The bot's environment must be there (`frontdesk up` or `frontdesk train` makes it).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sentence_encoder import SentenceEncoder

from frontdesk.bot_environment import BOT_PYTHON
from frontdesk.settings import PROJECT_ROOT, read_settings
from knowledge.evaluation.corpus import Corpus, read_corpus
from knowledge.evaluation.run import evaluate

FAQ = PROJECT_ROOT.parent / "shared" / "data" / "faq" / "ecommerce_faq"
PROGRAM = Path(__file__).with_name("stock_selector.py")
STOCK = Path(__file__).with_name("stock_pipeline.yml")
NEEDLESS = ("DIETClassifier", "EntitySynonymMapper", "FallbackClassifier")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--docs", type=Path, default=FAQ / "docs.jsonl")
    parser.add_argument("--queries", type=Path, default=FAQ / "queries_dev.jsonl")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the one all run on")
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    corpus = read_corpus(options.docs, options.queries)
    encoder = SentenceEncoder(read_settings().encoder_dir, threads=1)
    ours = evaluate(corpus, encoder, lambda *_: None).figures
    theirs = selector(corpus)
    ready = theirs["train_seconds"] + theirs["load_seconds"]
    firsts = [
        answers[0] in query.relevant
        for query, answers in zip(corpus.queries, theirs["answers"], strict=True)
        if query.relevant
    ]
    median = float(np.median(theirs["milliseconds"]))
    print(f"{len(corpus.articles)} documents, {len(corpus.queries)} questions")
    print(f"{'':20}{'ours':>10}{'selector':>10}{'ratio':>8}")
    print(f"{'recall@1':20}{ours.recall_at_1:10.3f}{np.mean(firsts):10.3f}")
    print(f"{'ready, s':20}{ours.index_seconds:10.1f}{ready:10.1f}{ready / ours.index_seconds:8.1f}")
    own = ours.latency_ms_p50
    print(f"{'a question, p50, ms':20}{own:10.1f}{median:10.1f}{median / own:8.1f}")


def selector(corpus: Corpus) -> dict[str, Any]:
    """What benchmarks/stock_selector.py says."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-selector-") as name:
        folder = Path(name)
        (folder / "config.yml").write_text(yaml.safe_dump(pipeline()), encoding="utf-8")
        (folder / "nlu.yml").write_text(yaml.safe_dump(training_data(corpus)), encoding="utf-8")
        job = {
            "folder": str(folder / "models"),
            "config": str(folder / "config.yml"),
            "data": str(folder / "nlu.yml"),
            "texts": [query.text for query in corpus.queries],
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        done = subprocess.run(
            [str(BOT_PYTHON), str(PROGRAM), str(folder / "job.json")],
            cwd=PROJECT_ROOT / "bot",
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        sys.exit(f"Rasa did not finish:\n{done.stderr[-3000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def pipeline() -> dict[str, Any]:
    stock = yaml.safe_load(STOCK.read_text(encoding="utf-8"))
    stock["pipeline"] = [part for part in stock["pipeline"] if part["name"] not in NEEDLESS]
    found: dict[str, Any] = stock
    return found


def training_data(corpus: Corpus) -> dict[str, Any]:
    examples = {
        article.slug: [" ".join(text.split()) for text in (article.title, *article.questions)]
        for article in corpus.articles
    }
    return {
        "version": "3.1",
        "nlu": [
            {"intent": f"faq/{slug}", "examples": "".join(f"- {text}\n" for text in texts)}
            for slug, texts in examples.items()
        ],
        "responses": {f"utter_faq/{article.slug}": [{"text": article.body}] for article in corpus.articles},
    }


if __name__ == "__main__":
    main()
