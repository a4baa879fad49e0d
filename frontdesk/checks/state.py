"""Is what `up` prepares there and does it fit together: database, encoder, knowledge index, model."""

import asyncio
import contextlib

from sentence_encoder import EncoderMissing, SentenceEncoder
from sqlalchemy.exc import SQLAlchemyError

from crm.migrate import current_revision, head_revision
from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.database_problem import unusable
from frontdesk.domain_assembly import TrainingDataError, assemble_domain
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.training import current_model, training_fingerprint
from knowledge.index import read_articles
from knowledge.index_file import IndexUnusable, read_index

BY_UP = "`frontdesk up` does it."


async def state_checks(settings: Settings) -> list[Finding]:
    findings = [await _database(settings)]
    findings += await asyncio.to_thread(_files, settings)
    return findings


async def _database(settings: Settings) -> Finding:
    if not settings.database_url and not (settings.state_dir / "crm.db").exists():
        return warn("Database", "not created yet", BY_UP)
    try:
        revision = await current_revision(settings.store_url)
    except (SQLAlchemyError, OSError, ImportError) as error:
        return fail("Database", "does not answer", str(unusable(settings.store_url, error)))
    if revision != (head := head_revision()):
        found = f"at revision {revision or 'none'} instead of {head}"
        return warn("Database", found, f"`frontdesk db migrate` brings it up to date; {BY_UP}")
    return ok("Database", f"reachable, at revision {revision}")


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
    return ok("Encoder", f"{encoder.name}, {encoder.dimension} dimensions")


def _index(settings: Settings, encoder: SentenceEncoder | None) -> Finding:
    if encoder is None:
        return warn("Knowledge index", "cannot be checked without the encoder", BY_UP)
    try:
        index = read_index(settings.index_dir, encoder.fingerprint)
    except IndexUnusable as error:
        return warn("Knowledge index", "cannot be used", str(error))
    return ok("Knowledge index", f"{len(index.articles)} articles, made with this encoder")


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
