"""`frontdesk train --tune`: an encoder tuned on what this shop's trainers wrote, where that proves better."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sentence_encoder import EncoderMissing, SentenceEncoder
from sentence_encoder.description import read_description

from frontdesk.encoder_exchange import exchange_encoder
from frontdesk.encoder_folders import CHANGE_FILE, in_use
from frontdesk.errors import OperatorError
from frontdesk.knowledge_index import index_articles
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.train import stop_at_errors, train_model
from frontdesk.trainer.project import read_project
from frontdesk.trainer.tuning_progress import shown_progress
from knowledge.encoder_export import EncoderExportFailed, export_encoder, weights_of
from knowledge.gaps import read_gaps
from knowledge.index import read_articles
from knowledge.tuning.labelled import LabelledSet, Recipe, TuningFailed
from knowledge.tuning.material import Material
from knowledge.tuning.verdict import Verdict, read_verdict

FOLDER = "tuning"
_VERDICT = "verdict.json"
_UNTUNED = "untuned"

Say = Callable[[str], None]


def tune_encoder(settings: Settings, say: Say) -> str:
    """Tune, judge, and take up what is better; return what was done. Raises OperatorError.

    A run that was killed goes on where it was when it is started again with the same examples and articles.
    """
    stop_at_errors(settings, say)
    index_articles(settings, say)
    material = _material(settings)
    key = _key(settings, material)
    if read_description(in_use(settings.state_dir)).tuned.startswith(key):
        return f"nothing to tune: the encoder in use was tuned on exactly this; {train_model(settings, say)}"
    questions = sum(len(article.questions) for article in material.articles)
    made_of = f"{key}: {len(material.intents.texts)} examples, {questions} questions"
    with _alone(settings.state_dir / FOLDER) as folder:
        work = folder / key
        for other in folder.glob("[!.]*"):
            if other != work:
                shutil.rmtree(other)
        work.mkdir(exist_ok=True)
        try:
            found = _judged(settings, material, work, say)
            for sentence in found.sentences():
                say(sentence)
            if found.objection:
                return f"not tuned, since {found.objection}; the encoder in use stays"
            tuned = _tuned(settings, material, made_of, found.answered_from, work, say)
        except (EncoderExportFailed, EncoderMissing, TuningFailed, ValueError) as error:
            raise OperatorError(f"Nothing was tuned, and what was in use still is: {error}") from error
        except OSError as error:
            raise OperatorError(
                f"Nothing was tuned, and what was in use still is: {error.strerror or error} "
                f"({error.filename or work})."
            ) from error
        done = exchange_encoder(settings, tuned, say)
        shutil.rmtree(work)
    gain = found.intents.after - found.intents.before
    return f"encoder tuned, {gain:+.1%} of intents understood; {done}"


def back_to_untuned(settings: Settings, say: Say) -> str:
    """Take the encoder up again as it came; return what was done. Raises OperatorError."""
    stop_at_errors(settings, say)
    index_articles(settings, say)
    if not read_description(in_use(settings.state_dir)).tuned:
        return f"the encoder in use is untuned; {train_model(settings, say)}"
    with _alone(settings.state_dir / FOLDER) as work:
        folder = work / _UNTUNED
        try:
            export_encoder(settings.encoder, folder, settings.encoder_precision)
        except EncoderExportFailed as error:
            raise OperatorError(f"The tuned encoder stays in use: {error}") from error
        done = exchange_encoder(settings, folder, say)
        shutil.rmtree(folder)
    return f"encoder untuned again; {done}"


def _material(settings: Settings) -> Material:
    project = read_project(PROJECT_ROOT)
    examples = [example for intent in project.intents for example in intent.examples]
    articles, _ = read_articles(settings.articles_dir)
    gaps, _ = read_gaps(settings.articles_dir, articles)
    return Material(
        LabelledSet([example.text for example in examples], [example.intent for example in examples]),
        tuple(articles),
        tuple(gaps),
    )


def _key(settings: Settings, material: Material) -> str:
    """The same for the same tuning, so that it is gone on with, or known to be done."""
    made_of = [
        material.fingerprint,
        settings.encoder,
        weights_of(settings.encoder),
        settings.encoder_precision,
        asdict(Recipe()),
    ]
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


def _judged(settings: Settings, material: Material, work: Path, say: Say) -> Verdict:
    known = read_verdict(work / _VERDICT)
    if known is not None:
        return known
    say("loading what tuning needs")
    from knowledge.encoder_export import load_model
    from knowledge.tuning.trial import cross_validate

    export_encoder(settings.encoder, work / _UNTUNED, settings.encoder_precision)
    with shown_progress(say) as progress:
        found = cross_validate(
            load_model(settings.encoder),
            SentenceEncoder(work / _UNTUNED),
            material,
            Recipe(),
            work,
            progress,
            settings.encoder_precision,
        )
    found.write(work / _VERDICT)
    return found


def _tuned(
    settings: Settings,
    material: Material,
    made_of: str,
    answered_from: float | None,
    work: Path,
    say: Say,
) -> Path:
    """The folder, aside, of the encoder that is tuned on everything."""
    folder = work / "encoder"
    if (folder / CHANGE_FILE).is_file() and read_description(folder).tuned == made_of:
        return folder
    from knowledge.encoder_export import load_model, write_encoder
    from knowledge.tuning.low_rank import write_change
    from knowledge.tuning.trial import tuned_model

    with shown_progress(say) as progress:
        model, change = tuned_model(
            load_model(settings.encoder),
            material,
            Recipe(),
            work / "steps",
            lambda share: progress("tuning on everything", share),
        )
    write_encoder(model, settings.encoder, folder, settings.encoder_precision, made_of, answered_from)
    write_change(folder / CHANGE_FILE, change)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """The folder, for one at a time: two tunings would write the same files. Raises OperatorError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError("Another tuning is going on; wait until it is done.") from error
        yield folder
