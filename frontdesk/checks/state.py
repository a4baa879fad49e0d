"""Is what `up` prepares there, fresh, and does it fit together: encoder, knowledge index, model."""

import asyncio
import contextlib
import hashlib

from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.domain_assembly import TrainingDataError, assemble_domain
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.training import current_model, training_fingerprint
from knowledge.gaps import read_gaps
from knowledge.index import embedded_texts, read_articles
from knowledge.index_file import IndexUnusable, StoredIndex, read_index

BY_UP = "`frontdesk up` does it."


async def state_checks(settings: Settings) -> list[Finding]:
    return await asyncio.to_thread(_files, settings)


def _files(settings: Settings) -> list[Finding]:
    encoder: SentenceEncoder | None = None
    with contextlib.suppress(EncoderMissing):
        encoder = SentenceEncoder(settings.encoder_dir)
    return [_encoder(settings, encoder), _index(settings, encoder), _articles(settings), _model(settings)]


def _encoder(settings: Settings, encoder: SentenceEncoder | None) -> Finding:
    if encoder is None:
        return warn("Encoder", f"not exported to {settings.encoder_dir}", BY_UP)
    if encoder.name.rpartition("/")[2] != settings.encoder.rpartition("/")[2]:
        found = f"{encoder.name} is exported, but {settings.encoder} is set"
        return warn("Encoder", found, f"{BY_UP} The bot is then trained again.")
    if encoder.precision != settings.encoder_precision:
        found = f"exported in {encoder.precision}, but {settings.encoder_precision} is set"
        return warn("Encoder", found, f"{BY_UP} The bot is then trained again.")
    tuned = f", tuned ({encoder.tuned})" if encoder.tuned else ""
    return ok("Encoder", f"{encoder.name}, {encoder.precision}, {encoder.dimension} dimensions{tuned}")


def _index(settings: Settings, encoder: SentenceEncoder | None) -> Finding:
    if encoder is None:
        return warn("Knowledge index", "cannot be checked without the encoder", BY_UP)
    try:
        index = read_index(settings.index_dir, encoder.fingerprint)
    except IndexUnusable as error:
        return warn("Knowledge index", "cannot be used", str(error))
    if changed := _changed_texts(settings, index):
        found = f"{changed} texts of the articles have changed since it was made"
        remedy = "`frontdesk knowledge index` takes them in, and a restart; `frontdesk up` does both."
        return warn("Knowledge index", found, remedy)
    return ok("Knowledge index", f"{len(index.articles)} articles as they are now, made with this encoder")


def _changed_texts(settings: Settings, index: StoredIndex) -> int:
    """How many texts are new, changed or gone; the index knows each by its content."""
    articles, _ = read_articles(settings.articles_dir)
    gaps, _ = read_gaps(settings.articles_dir, articles)
    texts = [text for article in articles for _, text, _ in embedded_texts(article)]
    texts += [gap.question for gap in gaps]
    now = {hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts}
    return len(now ^ {entry.key for entry in index.entries})


def _articles(settings: Settings) -> Finding:
    articles, problems = read_articles(settings.articles_dir)
    if problems:
        more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
        return warn("Articles", f"{problems[0]}{more}", "A broken article is left out until it is mended.")
    return ok("Articles", f"{len(articles)} sound ones")


def _model(settings: Settings) -> Finding:
    try:
        assemble_domain(PROJECT_ROOT, settings.state_dir)
    except TrainingDataError as error:
        return fail("Bot model", "its data cannot be used", str(error))
    if current_model(settings.state_dir) is None:
        return warn("Bot model", "not trained yet", "`frontdesk train` makes it, and so does `frontdesk up`.")
    fingerprint = training_fingerprint(PROJECT_ROOT, settings.state_dir)
    if current_model(settings.state_dir, fingerprint) is None:
        remedy = "`frontdesk train` makes a new one, and so does `frontdesk up`."
        return warn("Bot model", "something that it is made of has changed since", remedy)
    return ok("Bot model", "trained with what is there now")
