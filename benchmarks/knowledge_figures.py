"""How well the knowledge index finds and refuses, and where its threshold should be.

    uv run python benchmarks/knowledge_threshold.py --encoder var/encoder

Choosing: every known question, asked with itself removed from the index (leave one out), with the
paraphrases, against near misses and unrelated texts. Confirming: nlu_data/heldout, by another hand, which
does not decide the threshold. Figures and what follows from them are in benchmarks/knowledge.md.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.index_file import Kind, StoredIndex
from knowledge.search import DEFAULT_THRESHOLD, KnowledgeIndex

ROOT = Path(__file__).parent.parent
GRID = np.arange(0.30, 0.71, 0.05)


@dataclass(frozen=True)
class Asked:
    """What became of one question: the top score, and the rank of its article (1 is best) if it has one."""

    question: str
    score: float
    rank: int | None
    top: str


def ask(index: KnowledgeIndex, question: str, slug: str | None) -> Asked:
    answers = index.search(question, k=len(index.articles))
    slugs = [answer.article.slug for answer in answers]
    return Asked(question, answers[0].score, slugs.index(slug) + 1 if slug else None, slugs[0])


def without(index: KnowledgeIndex, question: str, slug: str, encoder: SentenceEncoder) -> KnowledgeIndex:
    """The index as it would be had nobody written that question into the article."""
    stored = index.stored
    own = encoder.encode([question])[0]
    kept = [
        row
        for row, entry in enumerate(stored.entries)
        if not (entry.article == slug and entry.kind is Kind.QUESTION and stored.vectors[row] @ own > 0.9999)
    ]
    entries = tuple(stored.entries[row] for row in kept)
    return KnowledgeIndex(replace(stored, entries=entries, vectors=stored.vectors[kept]), encoder)


def only(stored: StoredIndex, *kinds: Kind) -> StoredIndex:
    kept = [row for row, entry in enumerate(stored.entries) if entry.kind in kinds]
    return replace(stored, entries=tuple(stored.entries[row] for row in kept), vectors=stored.vectors[kept])


def auroc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """The chance that an answerable question scores above one that is not; ties count half."""
    difference = positive[:, None] - negative[None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def describe(name: str, asked: list[Asked]) -> None:
    scores = np.array([case.score for case in asked])
    low, middle, high = np.percentile(scores, [5, 50, 95])
    line = f"{name:34} n={len(asked):3}  score p5 {low:.2f} p50 {middle:.2f} p95 {high:.2f}"
    if asked[0].rank is not None:
        ranks = np.array([case.rank for case in asked], dtype=float)
        line += f"  R@1 {(ranks == 1).mean():.3f} R@3 {(ranks <= 3).mean():.3f} MRR {(1 / ranks).mean():.3f}"
    print(line)


def thresholds(title: str, positive: list[Asked], negative: dict[str, list[Asked]]) -> None:
    all_negative = [case.score for cases in negative.values() for case in cases]
    print(f"\n{title}: AUROC {auroc(scores_of(positive), np.array(all_negative)):.3f}")
    print("threshold  answered  answered rightly  " + "  ".join(f"{name} refused" for name in negative))
    for threshold in sorted({*np.round(GRID, 2), DEFAULT_THRESHOLD}):
        answered = [case for case in positive if case.score >= threshold]
        right = sum(case.rank == 1 for case in answered)
        refusals = [(scores_of(cases) < threshold).mean() for cases in negative.values()]
        refused = "  ".join(f"{part:18.3f}" for part in refusals)
        share = len(answered) / len(positive)
        print(f"{threshold:9.2f}  {share:8.3f}  {right / len(positive):16.3f}  {refused}")


def scores_of(cases: list[Asked]) -> NDArray[np.float64]:
    return np.array([case.score for case in cases])


def heldout_out_of_scope() -> list[str]:
    (intent,) = yaml.safe_load((ROOT / "nlu_data/heldout/fallback.yml").read_text("utf-8"))["nlu"]
    return [line.removeprefix("- ").strip() for line in intent["examples"].splitlines() if line.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, default=ROOT / "var/encoder")
    parser.add_argument("--misses", action="store_true", help="list what is found wrongly or refused wrongly")
    options = parser.parse_args()
    encoder = SentenceEncoder(options.encoder)
    with tempfile.TemporaryDirectory() as folder:
        print(build_index(ROOT / "knowledge/articles", Path(folder), encoder))
        index = KnowledgeIndex.load(Path(folder), encoder)
    bare = KnowledgeIndex(only(index.stored, Kind.ARTICLE, Kind.PASSAGE), encoder)
    cases = yaml.safe_load((Path(__file__).parent / "knowledge_cases.yml").read_text("utf-8"))
    heldout = yaml.safe_load((ROOT / "nlu_data/heldout/questions.yml").read_text("utf-8"))["questions"]

    known = [(question, article.slug) for article in index.articles for question in article.questions]
    left_out = [ask(without(index, question, slug, encoder), question, slug) for question, slug in known]
    paraphrased = [ask(index, case["question"], case["article"]) for case in cases["paraphrases"]]
    near = [ask(index, question, None) for question in cases["near_misses"]]
    unrelated = [ask(index, question, None) for question in cases["unrelated"]]
    answerable = [ask(index, case["question"], case["article"]) for case in heldout if case["article"]]
    unanswerable = [ask(index, case["question"], None) for case in heldout if not case["article"]]
    out_of_scope = [ask(index, question, None) for question in heldout_out_of_scope()]

    describe("known questions, text alone", [ask(bare, question, slug) for question, slug in known])
    describe("known questions, left out", left_out)
    describe("paraphrases", paraphrased)
    describe("near misses", near)
    describe("unrelated", unrelated)
    describe("held out: answerable", answerable)
    describe("held out: near misses", unanswerable)
    describe("held out: out of scope", out_of_scope)
    thresholds("Choosing", left_out + paraphrased, {"near misses": near, "unrelated": unrelated})
    thresholds("Confirming", answerable, {"near misses": unanswerable, "out of scope": out_of_scope})
    if options.misses:
        for case in left_out + paraphrased + answerable:
            if case.rank != 1 or case.score < DEFAULT_THRESHOLD:
                print(f"missed  {case.score:.2f} rank {case.rank} {case.question!r} -> {case.top}")
        for case in near + unrelated + unanswerable + out_of_scope:
            if case.score >= DEFAULT_THRESHOLD:
                print(f"passed  {case.score:.2f} {case.question!r} -> {case.top}")


if __name__ == "__main__":
    main()
