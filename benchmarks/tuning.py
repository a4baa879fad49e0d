"""What tuning the encoder is worth under the whole pipeline: the same examples learnt with and without it.

    uv run python benchmarks/tuning.py                              a quarter of our own examples held aside
    uv run python benchmarks/tuning.py --train A.yml --test B.yml   any Rasa NLU files

With our own examples the articles are tuned on as well, as `frontdesk train --tune` does. Figures, and what
was tried and left out: docs/decisions/0016-tuning.md.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from frontdesk.bot_process import bot_environment
from frontdesk.settings import PROJECT_ROOT, read_settings
from frontdesk.training import synced_bot_python
from frontdesk.understanding.remarks import Remarks
from frontdesk.understanding.sentences import read_sentences
from frontdesk.understanding.trial import Job, run_trials, trial_environment
from knowledge.encoder_export import export_encoder, load_model, write_encoder
from knowledge.index import read_articles
from knowledge.tuning.labelled import LabelledSet, Recipe
from knowledge.tuning.material import Fold, Material, folds
from knowledge.tuning.trial import tuned_model
from knowledge.tuning.verdict import mcnemar

INTENTS = PROJECT_ROOT / "nlu_data" / "intents"
ARTICLES = PROJECT_ROOT / "knowledge" / "articles"
PARTS = 4


def labelled(path: Path) -> LabelledSet:
    sentences = read_sentences(path, Remarks())
    return LabelledSet([each.text for each in sentences], [each.intent for each in sentences])


def material(train: Path | None, test: Path | None) -> Fold:
    if train and test:
        return Fold(Material(labelled(train)), Material(labelled(test)))
    articles, _ = read_articles(ARTICLES)
    return next(
        iter(folds(Material(labelled(train or INTENTS), tuple(articles) if not train else ()), PARTS))
    )


def understood(encoder: Path, seen: LabelledSet, unseen: LabelledSet) -> np.ndarray:
    """Which of the unseen texts the whole pipeline gives their intent, whatever its confidence."""
    environment = bot_environment(os.environ, state_dir=read_settings().state_dir)
    python = synced_bot_python(PROJECT_ROOT, environment)
    job = Job(list(zip(seen.texts, seen.labels, strict=True)), unseen.texts)
    variables = trial_environment(environment, encoder)
    (trial,) = run_trials(PROJECT_ROOT, python, variables, [job], lambda what, done, total: None)
    likeliest = [verdict.ranking[0][0] if verdict.ranking else "" for verdict in trial.verdicts]
    return np.array(likeliest) == np.array(unseen.labels)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, help="examples to learn, and to tune on")
    parser.add_argument("--test", type=Path, help="examples to ask")
    options = parser.parse_args()
    fold = material(options.train, options.test)
    seen, unseen = fold.seen.intents, fold.unseen.intents
    name = read_settings().encoder
    with tempfile.TemporaryDirectory() as temporary:
        plain, tuned = Path(temporary) / "plain", Path(temporary) / "tuned"
        export_encoder(name, plain)
        began = time.monotonic()
        model, _ = tuned_model(
            load_model(name), fold.seen, Recipe(), Path(temporary) / "steps", lambda share: None
        )
        seconds = time.monotonic() - began
        write_encoder(model, name, tuned, tuned="benchmark")
        before, after = understood(plain, seen, unseen), understood(tuned, seen, unseen)
    better, worse = int((after & ~before).sum()), int((before & ~after).sum())
    print(
        f"{len(seen.texts)} examples of {len(set(seen.labels))} intents, {len(unseen.texts)} asked: "
        f"{before.mean():.4f} untuned, {after.mean():.4f} tuned in {seconds:.0f} s "
        f"({better} better, {worse} worse, p = {mcnemar(better, worse):.3f})"
    )


if __name__ == "__main__":
    main()
