"""Cases and runs as a trial would leave them."""

from pathlib import Path

from frontdesk.trainer.problem import Place
from frontdesk.understanding.cases import Case, Verdict
from frontdesk.understanding.figures import figures_of
from frontdesk.understanding.folds import ALWAYS_LEARNT
from frontdesk.understanding.runs import Run
from frontdesk.understanding.sentences import Sentence
from frontdesk.understanding.trial import Trial


def case(
    intent: str | None,
    first: str | None,
    confidence: float = 0.9,
    *,
    score: float = 0.1,
    rejected: bool = False,
    text: str = "where is it",
    fold: int = 0,
) -> Case:
    ranking = ((first, confidence), ("other", (1 - confidence) / 2)) if first else ()
    return Case(
        text,
        intent,
        Place("test.yml", 4),
        Verdict("nlu_fallback" if rejected else first, ranking, score, rejected, 4.2),
        fold,
    )


def sentence(text: str, intent: str, line: int = 1) -> Sentence:
    return Sentence(text, intent, Place("train.yml", line), text)


def run_of(cases: list[Case], trained: dict[str, int], *, folds: int = 0, **changes: object) -> Run:
    sentences = [sentence(f"{intent} {n}", intent) for intent, count in trained.items() for n in range(count)]
    values: dict[str, object] = {
        "train": Path("train.yml"),
        "test": Path("test.yml"),
        "oos": None,
        "folds": folds,
        "sentences": tuple(sentences),
        "dealt": (ALWAYS_LEARNT,) * len(sentences),
        "cases": tuple(cases),
        "figures": figures_of(cases, trained),
        "trials": (Trial(train_seconds=2.5, load_seconds=0.5, threshold=0.4, thresholds={"track": 0.3}),),
        "remarks": (),
    }
    return Run(**(values | changes))  # type: ignore[arg-type]
