"""What the fallback's threshold and ambiguity cost and catch, by cross-validation on nlu_data/intents alone.

Run in the bot's environment, from bot/ (about four minutes on two cores):
  PYTHONPATH=. FRONTDESK_ENCODER_DIR=../var/encoder .venv/bin/python ../benchmarks/nlu_thresholds.py

Two things are measured for every pair of values:

- known: each example, by a model that has not seen it. Falling back is right where the prediction is wrong,
  and a loss where it is right. (The questions that retrieval answers count as one: mistaking one for another
  does no harm.)
- unknown: every intent is left out of training altogether once, some at a time, as a stand-in for what
  customers will say that nobody thought of. Falling back, or out_of_scope, is right.

bot/config.yml has the pair that catches most while at most one right answer in twenty is asked back; the
OutOfScopeDetector before it may cost as many. Asking back tries retrieval first and offers the two likeliest
intents, so it is no dead end.
"""

import os
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sentence_encoder import SentenceEncoder
from sklearn.model_selection import StratifiedKFold

from components.intent_ensemble import IntentEnsemble, Sentences, fit

INTENTS = Path(__file__).resolve().parents[1] / "nlu_data" / "intents"
FOLDS = 4
THRESHOLDS = (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
AMBIGUITIES = (0.0, 0.05, 0.1, 0.15)
OUT_OF_SCOPE = "out_of_scope"


def main() -> None:
    texts, intents = read_examples()
    sentences = featurized(texts)
    known = np.concatenate([*known_outcomes(sentences, intents)])
    unknown = np.concatenate([*unknown_outcomes(sentences, intents)])
    print(
        f"{len(texts)} examples, {len(set(intents))} intents; right action: {known[:, 2].mean():.3f}, "
        f"mean confidence {known[:, 0].mean():.3f}"
    )
    print("threshold ambiguity | right lost | wrong caught | unknown caught")
    for threshold in THRESHOLDS:
        for ambiguity in AMBIGUITIES:
            print(row(known, unknown, threshold, ambiguity))


def row(known: np.ndarray, unknown: np.ndarray, threshold: float, ambiguity: float) -> str:
    """Columns of `known` and `unknown`: confidence, distance to the second, whether acting on the prediction
    is right.
    """
    back_known = (known[:, 0] < threshold) | (known[:, 1] < ambiguity)
    back_unknown = (unknown[:, 0] < threshold) | (unknown[:, 1] < ambiguity) | (unknown[:, 2] == 1)
    right = known[:, 2] == 1
    lost, caught = back_known[right].mean(), back_known[~right].mean()
    return f"{threshold:9.2f} {ambiguity:9.2f} | {lost:10.3f} | {caught:12.3f} | {back_unknown.mean():14.3f}"


def known_outcomes(sentences: Sentences, intents: list[str]):
    names = np.array(intents)
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(names, names):
        model = trained(sentences[seen], names[seen].tolist())
        yield outcomes(model, sentences[unseen], [acted(name) for name in names[unseen]])


def unknown_outcomes(sentences: Sentences, intents: list[str]):
    names = np.array(intents)
    leavable = sorted(set(intents) - {OUT_OF_SCOPE})
    for first in range(FOLDS):
        seen = ~np.isin(names, leavable[first::FOLDS])
        model = trained(sentences[seen], names[seen].tolist())
        yield outcomes(model, sentences[~seen], [OUT_OF_SCOPE] * int((~seen).sum()))


def trained(sentences: Sentences, intents: list[str]) -> IntentEnsemble:
    model, _ = fit(sentences, intents)
    return model


def outcomes(model: IntentEnsemble, sentences: Sentences, expected: list[str]) -> np.ndarray:
    probabilities = model.probabilities(sentences)
    best = np.argsort(-probabilities, axis=1)[:, :2]
    top = np.take_along_axis(probabilities, best, axis=1)
    right = [
        acted(model.classes[first]) == wanted for first, wanted in zip(best[:, 0], expected, strict=True)
    ]
    return np.column_stack([top[:, 0], top[:, 0] - top[:, 1], np.array(right, dtype=float)])


def acted(intent: str) -> str:
    """What is done for an intent: everything asked of the shop goes to retrieval."""
    return "ask" if intent.startswith("ask_") and intent != "ask_if_bot" else intent


def read_examples() -> tuple[list[str], list[str]]:
    texts, intents = [], []
    for path in sorted(INTENTS.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in entry.get("examples", "").splitlines():
                if "intent" in entry and line.strip().startswith("- "):
                    texts.append(line.strip().removeprefix("- "))
                    intents.append(entry["intent"])
    return texts, intents


def featurized(texts: list[str]) -> Sentences:
    """The classifier's features, built outside Rasa."""
    encoder = SentenceEncoder(Path(os.environ["FRONTDESK_ENCODER_DIR"]), threads=1)
    blocks = encoder.encode_deep(texts)
    return Sentences(blocks.reshape(len(texts), -1), csr_matrix((len(texts), 0), dtype=np.float32))


if __name__ == "__main__":
    main()
