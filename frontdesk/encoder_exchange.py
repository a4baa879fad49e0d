"""Another encoder goes live together with the index and the model that were made with it, or not at all.

Everything is made aside first, and tried as the servers will try it. Then Rasa is asked, the only one that
can refuse; what follows is a few files that take the place of others, and is undone where one cannot be
written. Model and index each name their encoder, so whoever is restarted in between still finds its own.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from sentence_encoder import EncoderMissing, SentenceEncoder, folder_of
from sentence_encoder.encoder import fingerprint_of

from frontdesk.encoder_folders import forget_encoders, in_use, keep_encoder, use_encoder
from frontdesk.errors import OperatorError
from frontdesk.model_files import current_model, make_current, remove_old_models
from frontdesk.running import as_running
from frontdesk.settings import Settings
from frontdesk.state_lock import is_held
from frontdesk.train import candidate, go_live
from frontdesk.trainer.live import NotRunning, NotTaken, put_live_everywhere
from knowledge.index import build_index
from knowledge.index_file import INDEX_FILE, IndexUnusable
from knowledge.search import KnowledgeIndex

Say = Callable[[str], None]


def exchange_encoder(settings: Settings, folder: Path, say: Say) -> str:
    """Let the encoder in `folder`, which is aside, go live, and return what was done, in a few words.

    Raises OperatorError where any part refuses; what was live before then still is.
    """
    index = folder.with_name("index")
    say("embedding the articles with the other encoder")
    try:
        encoder = SentenceEncoder(folder)
        report = build_index(settings.articles_dir, index, encoder)
        # What a running gateway and action server will do with it.
        KnowledgeIndex.load(index, encoder).search("where is my order")
        model = candidate(settings, say, folder)
        # Only now, since whoever tidies up would take an encoder for forgotten that nothing names yet.
        kept = keep_encoder(settings.state_dir, lambda fresh: _copy(folder, fresh))
    except (EncoderMissing, IndexUnusable, OSError) as error:
        raise OperatorError(f"Nothing was exchanged: {error}") from error
    taken_up = asyncio.run(go_live(settings, model))
    _replace(settings, kept, index / INDEX_FILE, model)
    remove_old_models(settings.state_dir, keep=model)
    forget_encoders(settings.state_dir)
    return f"trained {model.name[:12]}{taken_up}; {report.articles} articles embedded anew"


def _copy(folder: Path, fresh: Path) -> None:
    shutil.copytree(folder, fresh)


def _replace(settings: Settings, folder: Path, index: Path, model: Path) -> None:
    """All three, or what was there before. Raises OperatorError."""
    encoder_before = fingerprint_of(in_use(settings.state_dir))
    model_before = current_model(settings.state_dir)
    live_index = settings.index_dir / INDEX_FILE
    index_before = live_index.with_name(f".{INDEX_FILE}.before")
    try:
        index_before.unlink(missing_ok=True)
        if live_index.is_file():
            # The same file under a second name: it costs nothing, and is there however this ends.
            index_before.hardlink_to(live_index)
        use_encoder(settings.state_dir, folder)
        index.replace(live_index)
        make_current(settings.state_dir, model)
    except OSError as error:
        _use_again(settings, encoder_before)
        if index_before.is_file():
            index_before.replace(live_index)
        if model_before is not None:
            make_current(settings.state_dir, model_before)
            _give_back(settings, model_before)
        raise OperatorError(
            f"Encoder, index and model stay as they were: {error.strerror or error} ({error.filename})."
        ) from error
    index_before.unlink(missing_ok=True)


def _use_again(settings: Settings, fingerprint: str) -> None:
    link = in_use(settings.state_dir)
    folder = folder_of(link, fingerprint)
    if folder is not None and folder != link:
        use_encoder(settings.state_dir, folder)


def _give_back(settings: Settings, model: Path) -> None:
    if not is_held(settings.state_dir):
        return
    try:
        asyncio.run(put_live_everywhere(as_running(settings).rasa_addresses, model))
    except NotRunning:
        return
    except NotTaken as error:
        raise OperatorError(
            f"The bot did not take its old model back: {error}. Start `frontdesk up` again."
        ) from error
