"""Trying the bot's pipeline on examples: against a test file, or each part against the rest."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from frontdesk.bot_process import UvMissing, bot_environment
from frontdesk.encoder_folders import prepare_encoder
from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.training import TrainingFailed, synced_bot_python
from frontdesk.understanding.cases import Case, Verdict
from frontdesk.understanding.figures import Figures, figures_of
from frontdesk.understanding.folds import ALWAYS_LEARNT, deal
from frontdesk.understanding.messages import Message, read_messages
from frontdesk.understanding.remarks import Remarks
from frontdesk.understanding.sentences import OUT_OF_SCOPE, Sentence, for_training, read_sentences
from frontdesk.understanding.trial import (
    Job,
    Progress,
    Trial,
    ended_like_by_ctrl_c,
    folder_aside,
    run_trials,
    trial_environment,
)
from knowledge.encoder_export import EncoderExportFailed
from knowledge.tuning.labelled import LabelledSet, TuningFailed


@dataclass(frozen=True)
class Run:
    """What was tried, and what came of it; `folds` is 0 where there was a test file."""

    train: Path
    test: Path | None
    oos: Path | None
    folds: int
    sentences: tuple[Sentence, ...]
    dealt: tuple[int, ...]
    """The fold of each sentence."""
    cases: tuple[Case, ...]
    figures: Figures
    trials: tuple[Trial, ...]
    remarks: tuple[str, ...]

    @property
    def intents(self) -> int:
        """How many the bot can choose from; counter-examples are none of them."""
        return len({sentence.intent for sentence in self.sentences} - {OUT_OF_SCOPE})


def evaluate(
    settings: Settings,
    train: Path,
    test: Path,
    oos: Path | None,
    progress: Progress,
    *,
    tune: bool = False,
    config: Path | None = None,
) -> Run:
    """Learn all of `train`, and ask every message of `test` and `oos`; with `tune`, the encoder is tuned on
    `train` beforehand. `config` is a Rasa configuration to try instead of the bot's. Raises OperatorError.
    """
    remarks = Remarks()
    sentences = for_training(read_sentences(train, remarks), remarks)
    asked = read_sentences(test, remarks)
    messages = read_messages(oos, remarks) if oos else []
    messages += [Message(each.text, each.place) for each in asked if each.intent == OUT_OF_SCOPE]
    asked = [each for each in asked if each.intent != OUT_OF_SCOPE]
    if not asked:
        raise OperatorError(f"{test} has no message with an intent other than {OUT_OF_SCOPE}.")
    _remark_on_test(asked, sentences, test, remarks)
    wanted = [each.intent for each in asked] + [None] * len(messages)
    places = [each.place for each in asked] + [each.place for each in messages]
    texts = [each.text for each in asked] + [each.text for each in messages]
    job = replace(_job(sentences, texts), config=config)
    (trial,) = _tried(settings, [job], progress, tuned_on=sentences if tune else ())
    cases = tuple(
        Case(text, intent, place, verdict)
        for text, intent, place, verdict in zip(texts, wanted, places, trial.verdicts, strict=True)
    )
    dealt = [ALWAYS_LEARNT] * len(sentences)
    return _run(train, test, oos, 0, sentences, dealt, cases, [trial], remarks)


def cross_validate(settings: Settings, train: Path, folds: int, progress: Progress) -> Run:
    """Ask for every example of `train` a model that learnt the other folds. Raises OperatorError."""
    remarks = Remarks()
    sentences = for_training(read_sentences(train, remarks), remarks)
    dealt = deal(sentences, folds)
    for sentence, fold in zip(sentences, dealt, strict=True):
        if fold == ALWAYS_LEARNT:
            kind = "the intent `{}` has one example only, which is learnt but cannot be tried"
            remarks.add(kind, sentence.place, sentence.intent)
    if all(
        fold == ALWAYS_LEARNT or each.intent == OUT_OF_SCOPE
        for each, fold in zip(sentences, dealt, strict=True)
    ):
        raise OperatorError(f"{train} has one example of each intent; there must be two or more to try one.")
    # With few examples the last folds may be empty.
    used = sorted({fold for fold in dealt if fold != ALWAYS_LEARNT})
    parts = [[each for each, own in zip(sentences, dealt, strict=True) if own == fold] for fold in used]
    jobs = [
        _job(
            [each for each, own in zip(sentences, dealt, strict=True) if own != fold],
            [each.text for each in part],
        )
        for fold, part in zip(used, parts, strict=True)
    ]
    trials = _tried(settings, jobs, progress)
    cases = tuple(
        _case(sentence, verdict, fold)
        for fold, part, trial in zip(used, parts, trials, strict=True)
        for sentence, verdict in zip(part, trial.verdicts, strict=True)
    )
    return _run(train, None, None, folds, sentences, dealt, cases, trials, remarks)


def _run(
    train: Path,
    test: Path | None,
    oos: Path | None,
    folds: int,
    sentences: Sequence[Sentence],
    dealt: Sequence[int],
    cases: Sequence[Case],
    trials: Sequence[Trial],
    remarks: Remarks,
) -> Run:
    counts = Counter(sentence.intent for sentence in sentences if sentence.intent != OUT_OF_SCOPE)
    return Run(
        train=train,
        test=test,
        oos=oos,
        folds=folds,
        sentences=tuple(sentences),
        dealt=tuple(dealt),
        cases=tuple(cases),
        figures=figures_of(cases, counts),
        trials=tuple(trials),
        remarks=tuple(remarks),
    )


def _case(sentence: Sentence, verdict: Verdict, fold: int) -> Case:
    intent = None if sentence.intent == OUT_OF_SCOPE else sentence.intent
    return Case(sentence.text, intent, sentence.place, verdict, fold)


def _job(sentences: Sequence[Sentence], texts: Sequence[str]) -> Job:
    return Job([(sentence.written, sentence.intent) for sentence in sentences], texts)


def _tried(
    settings: Settings, jobs: Sequence[Job], progress: Progress, tuned_on: Sequence[Sentence] = ()
) -> list[Trial]:
    """The jobs done in the bot's environment, with the encoder that is in use, or one that is tuned aside.

    Raises OperatorError.
    """

    def say(line: str) -> None:
        progress(line, 0, 0)

    with ended_like_by_ctrl_c(), folder_aside("frontdesk-tuned-") as aside:
        try:
            encoder = prepare_encoder(settings.state_dir, settings.encoder, settings.encoder_precision)
            if tuned_on:
                encoder = _tuned(encoder, tuned_on, aside / "encoder", progress)
            environment = bot_environment(os.environ, state_dir=settings.state_dir)
            python = synced_bot_python(PROJECT_ROOT, environment, say)
        except (EncoderExportFailed, TrainingFailed, TuningFailed, UvMissing) as error:
            raise OperatorError(str(error)) from error
        return run_trials(PROJECT_ROOT, python, trial_environment(environment, encoder), jobs, progress)


def _tuned(encoder: Path, sentences: Sequence[Sentence], folder: Path, progress: Progress) -> Path:
    progress("loading what tuning needs", 0, 0)
    from knowledge.tuning.folder import write_tuned_encoder

    examples = LabelledSet(
        [sentence.text for sentence in sentences], [sentence.intent for sentence in sentences]
    )
    write_tuned_encoder(
        examples, encoder, folder, lambda share: progress("tuning the encoder", round(100 * share), 100)
    )
    return folder


def _remark_on_test(
    asked: Sequence[Sentence], learnt: Sequence[Sentence], test: Path, remarks: Remarks
) -> None:
    known = {sentence.intent for sentence in learnt}
    for sentence in asked:
        if sentence.intent not in known:
            kind = "the intent `{}` is not among the training examples, so its messages count as wrong"
            remarks.add(kind, sentence.place, sentence.intent)
    texts = {sentence.text for sentence in learnt}
    seen = sum(sentence.text in texts for sentence in asked)
    if seen:
        kind = "{:,} of {:,} messages are training examples word for word, which flatters the figures"
        remarks.add(kind, str(test), seen, len(asked))
