"""How well messages out of scope are told from known ones, on public data and by leaving intents out.

Run in the bot's environment, from bot/ (about twenty minutes on one core, most of it for the full sets):
  export PYTHONPATH=. FRONTDESK_ENCODER_DIR=../var/encoder
  .venv/bin/python ../benchmarks/out_of_scope.py [--test] [part of a row's name]

The encoder must not have been tuned on the data it is measured on (benchmarks/encoder_adapter.py).

For each row a classifier and a detector are trained as in the product. AUROC, and the share of messages out
of scope that are rejected when 95 % of the known ones are kept, need no threshold; what follows is with the
threshold that the detector chose from its training examples: the share of known messages really kept, and the
share of those out of scope rejected. "Left out" are messages of intents that were left out of training, which
are much nearer than what customers say. Without --test only the files for development are read.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sentence_encoder import SentenceEncoder
from sklearn.metrics import roc_auc_score

from components import intent_ensemble, out_of_scope_model
from components.intent_ensemble import Sentences
from components.out_of_scope_model import Examples, OutOfScopeModel

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "nlu"
SHOP = ROOT / "nlu_data" / "intents"
KEPT = 0.95
OUT_OF_SCOPE = "out_of_scope"
LEFT_OUT = "left out"


@dataclass(frozen=True)
class Trial:
    """`asked` maps a kind of message to its texts; the kind "known" is in scope, every other is out of it."""

    name: str
    texts: list[str]
    intents: list[str]
    asked: dict[str, list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="only rows whose name contains this")
    parser.add_argument(
        "--test", action="store_true", help="report on the test files too, which chose nothing"
    )
    given = parser.parse_args()
    encoder = SentenceEncoder(Path(os.environ["FRONTDESK_ENCODER_DIR"]), threads=1)
    for trial in trials(given.test):
        if given.name in trial.name:
            print("\n".join(lines(trial, encoder)), flush=True)


def trials(test: bool) -> Iterator[Trial]:
    part = "test" if test else "dev"
    outside = text_lines(f"oos_{part}.txt")
    known, _ = rasa_examples([DATA / "clinc150" / f"{part}.yml"])
    asked = {"known": known, "oos": outside}
    texts, intents = rasa_examples([DATA / "clinc150" / "train_10shot.yml"])
    yield Trial("CLINC150, 10 each", texts, intents, asked)
    counter = text_lines("oos_train.txt")
    for count in (10, len(counter)):
        labels = [*intents, *[OUT_OF_SCOPE] * count]
        yield Trial(f"the same, {count} counter-examples", [*texts, *counter[:count]], labels, asked)
    for count in (1, 3):
        chosen = [row for row, intent in enumerate(intents) if intents[:row].count(intent) < count]
        few = [texts[row] for row in chosen], [intents[row] for row in chosen]
        yield Trial(f"CLINC150, {count} each", *few, asked)
    yield from left_out_of("HWU64, 10 each", "hwu64", "train_10shot", part, share=4)
    yield from left_out_of("HWU64, 16 of 64 intents, 10 each", "hwu64", "train_10shot", part, share=-4)
    yield from left_out_of("Bitext, 10 each", "bitext_8k", "train_10shot", part, share=4)
    yield from left_out_of_shop()
    yield from left_out_of("HWU64, full", "hwu64", "train", part, share=4)
    yield Trial("CLINC150, full", *rasa_examples([DATA / "clinc150" / "train.yml"]), asked)


def left_out_of(name: str, folder: str, train: str, part: str, share: int) -> Iterator[Trial]:
    """One intent in `share` is left out; with a negative share, only one in that many is learnt."""
    texts, intents = rasa_examples([DATA / folder / f"{train}.yml"])
    names = sorted(set(intents))
    picked = set(np.random.default_rng(0).permutation(names)[:: abs(share)])
    left = picked if share > 0 else set(names) - picked
    seen = [(text, intent) for text, intent in zip(texts, intents, strict=True) if intent not in left]
    asked: dict[str, list[str]] = {"known": [], LEFT_OUT: []}
    for text, intent in zip(*rasa_examples([DATA / folder / f"{part}.yml"]), strict=True):
        asked[LEFT_OUT if intent in left else "known"].append(text)
    yield Trial(name, [text for text, _ in seen], [intent for _, intent in seen], asked)


def left_out_of_shop() -> Iterator[Trial]:
    """Our own intents: a fifth of them is left out, a quarter of the others' examples is asked."""
    texts, intents = rasa_examples(sorted(SHOP.glob("*.yml")))
    random = np.random.default_rng(0)
    left = set(random.permutation(sorted(set(intents) - {OUT_OF_SCOPE}))[::5])
    aside = random.random(len(texts)) < 0.25
    asked: dict[str, list[str]] = {"known": [], LEFT_OUT: []}
    seen = []
    for text, intent, kept_aside in zip(texts, intents, aside, strict=True):
        if intent in left:
            asked[LEFT_OUT].append(text)
        elif kept_aside and intent != OUT_OF_SCOPE:
            asked["known"].append(text)
        else:
            seen.append((text, intent))
    for name, wanted in (("our shop", True), ("the same, without counter-examples", False)):
        pairs = [pair for pair in seen if wanted or pair[1] != OUT_OF_SCOPE]
        yield Trial(name, [text for text, _ in pairs], [intent for _, intent in pairs], asked)


def lines(trial: Trial, encoder: SentenceEncoder) -> Iterator[str]:
    began = time.perf_counter()
    sentences = featurized(trial.texts, encoder)
    asked = {kind: featurized(texts, encoder) for kind, texts in trial.asked.items()}
    classifier, found = intent_ensemble.fit(sentences, trial.intents)
    middle = time.perf_counter()
    examples = Examples(
        sentences.vectors,
        trial.intents,
        np.where(found.judged, found.energy, np.nan),
        [classifier.classes[best] for best in found.best],
    )
    detector = out_of_scope_model.fit(examples, OUT_OF_SCOPE, KEPT)
    seconds = time.perf_counter() - middle
    if detector is None:
        raise ValueError(f"{trial.name}: there is nothing in scope to learn from.")
    scores, rejected = {}, {}
    for kind, messages in asked.items():
        scores[kind], rejected[kind] = judged(messages, classifier, detector)
    known = scores.pop("known")
    weights = " ".join(f"{weight:.2f}" for weight in detector.score.weights)
    kept = 1 - rejected.pop("known").mean()
    yield f"{trial.name}: {len(trial.texts)} examples, kept {kept:.3f}, weights {weights}"
    for kind, outside in scores.items():
        answers = np.repeat([0, 1], [len(known), len(outside)])
        area = roc_auc_score(answers, np.concatenate([known, outside]))
        recall = (outside > np.quantile(known, KEPT)).mean()
        yield (
            f"  {kind:9} AUROC {area:.3f}, recall at 95 % kept {recall:.3f}, "
            f"rejected {rejected[kind].mean():.3f} of {len(outside)}"
        )
    yield f"  detector fitted in {seconds:.1f} s, all in {time.perf_counter() - began:.0f} s"


def judged(
    messages: Sentences, classifier: intent_ensemble.IntentEnsemble, detector: OutOfScopeModel
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and outcomes (n,), out too what the classifier takes for a counter-example."""
    probabilities, energies = classifier.judged(messages)
    scores, rejected = [], []
    for vector, row, energy in zip(messages.vectors, probabilities, energies, strict=True):
        intent = classifier.classes[int(row.argmax())]
        judgement = detector.judge(vector, float(energy), intent)
        counter = intent == OUT_OF_SCOPE
        score = max(judgement.score, judgement.threshold) + float(row.max()) if counter else judgement.score
        scores.append(score)
        rejected.append(counter or judgement.rejected)
    return np.array(scores), np.array(rejected)


def featurized(texts: list[str], encoder: SentenceEncoder) -> Sentences:
    """The classifier's features, built outside Rasa; the pipeline has no n-grams."""
    vectors = encoder.encode_deep(texts).reshape(len(texts), -1)
    return Sentences(vectors, csr_matrix((len(texts), 0), dtype=np.float32))


def rasa_examples(paths: list[Path]) -> tuple[list[str], list[str]]:
    texts, intents = [], []
    for path in paths:
        for entry in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            for line in entry.get("examples", "").splitlines():
                if "intent" in entry and line.strip().startswith("- "):
                    texts.append(line.strip().removeprefix("- "))
                    intents.append(entry["intent"])
    return texts, intents


def text_lines(name: str) -> list[str]:
    text = (DATA / "clinc150" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


if __name__ == "__main__":
    main()
