"""How well the knowledge index finds and refuses, with its threshold and with others.

    uv run python benchmarks/knowledge_figures.py

The cases of knowledge_cases.yml may be looked at (`--misses`) and choose the threshold. Those of
nlu_data/heldout are by another hand and are only counted, never listed: with `--heldout`, after everything
else has been decided. Figures and what follows from them are in benchmarks/knowledge.md.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.search import KnowledgeIndex

ROOT = Path(__file__).parent.parent
GRID = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)


@dataclass(frozen=True)
class Asked:
    """What became of one question: the best score, and the rank of its article (1 is best) if it has one."""

    question: str
    score: float
    rank: int | None
    top: str


def ask(index: KnowledgeIndex, question: str, slug: str | None = None) -> Asked:
    answers = index.search(question, k=len(index.articles))
    slugs = [answer.article.slug for answer in answers]
    return Asked(question, answers[0].score, slugs.index(slug) + 1 if slug else None, slugs[0])


def describe_found(name: str, asked: Sequence[Asked], threshold: float) -> None:
    ranks = np.array([case.rank for case in asked])
    answered = np.array([case.score >= threshold for case in asked])
    print(
        f"{name:24} n={len(asked):3}  R@1 {(ranks == 1).mean():.3f}  R@3 {(ranks <= 3).mean():.3f}  "
        f"MRR {(1 / ranks).mean():.3f}  answered {answered.mean():.3f}  "
        f"rightly {(answered & (ranks == 1)).mean():.3f}"
    )


def refused(asked: Sequence[Asked], threshold: float) -> float:
    return float(np.mean([case.score < threshold for case in asked]))


def describe_refused(name: str, asked: Sequence[Asked], threshold: float) -> None:
    print(f"{name:24} n={len(asked):3}  refused {refused(asked, threshold):.3f}")


def describe_thresholds(found: Sequence[Asked], others: dict[str, Sequence[Asked]]) -> None:
    print("threshold  answered  rightly  " + "  ".join(f"{name} refused" for name in others))
    for threshold in GRID:
        answered = [case for case in found if case.score >= threshold]
        right = sum(case.rank == 1 for case in answered) / len(found)
        shares = "  ".join(
            f"{refused(cases, threshold):{len(name) + 8}.3f}" for name, cases in others.items()
        )
        print(f"{threshold:9.2f}  {len(answered) / len(found):8.3f}  {right:7.3f}  {shares}")


def describe_speed(index: KnowledgeIndex, encoder: SentenceEncoder, questions: Sequence[str]) -> None:
    whole, encoding = [], []
    for question in questions:
        start = time.perf_counter()
        encoder.encode([question])
        encoding.append(time.perf_counter() - start)
        start = time.perf_counter()
        index.search(question)
        whole.append(time.perf_counter() - start)
    print(
        f"search p50 {1000 * np.median(whole):.1f} ms, of which encoding {1000 * np.median(encoding):.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, default=ROOT / "var/encoder")
    parser.add_argument("--index", type=Path, help="keep the index here, so that the next run embeds less")
    parser.add_argument(
        "--misses", action="store_true", help="list what went wrong, of the cases beside this"
    )
    parser.add_argument("--heldout", action="store_true", help="count the held-out questions as well")
    options = parser.parse_args()
    encoder = SentenceEncoder(options.encoder)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.index or Path(temporary)
        print(build_index(ROOT / "knowledge/articles", folder, encoder))
        index = KnowledgeIndex.load(folder, encoder)
    cases = yaml.safe_load((Path(__file__).parent / "knowledge_cases.yml").read_text("utf-8"))
    found = [ask(index, case["question"], case["article"]) for case in cases["paraphrases"]]
    others = {
        name: [ask(index, question) for question in cases[name]]
        for name in ("near_misses", "nearer_misses", "unrelated")
    }
    describe_found("paraphrases", found, index.threshold)
    for name, asked in others.items():
        describe_refused(name, asked, index.threshold)
    describe_thresholds(found, others)
    describe_speed(index, encoder, [case["question"] for case in cases["paraphrases"]])
    if options.misses:
        for case in found:
            if case.rank != 1 or case.score < index.threshold:
                print(f"missed  {case.score:.2f} rank {case.rank} {case.question!r} -> {case.top}")
        for case in (case for asked in others.values() for case in asked):
            if case.score >= index.threshold:
                print(f"passed  {case.score:.2f} {case.question!r} -> {case.top}")
    if options.heldout:
        held_out = yaml.safe_load((ROOT / "nlu_data/heldout/questions.yml").read_text("utf-8"))["questions"]
        answerable = [ask(index, case["question"], case["article"]) for case in held_out if case["article"]]
        unanswerable = [ask(index, case["question"]) for case in held_out if not case["article"]]
        describe_found("held out", answerable, index.threshold)
        describe_refused("held out near misses", unanswerable, index.threshold)


if __name__ == "__main__":
    main()
