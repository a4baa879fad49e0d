"""Measuring the knowledge index with the encoder of the settings, exported first where it is not there."""

from pathlib import Path

from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.encoder_folders import prepare_encoder
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from knowledge.encoder_export import EncoderExportFailed
from knowledge.evaluation.corpus import CorpusProblem, hide_half, read_corpus
from knowledge.evaluation.run import Run, Tell, evaluate
from knowledge.reranking import CrossEncoderReranker, RerankerUnusable


def run(settings: Settings, docs: Path, queries: Path, hide: bool, tell: Tell) -> Run:
    """Raises OperatorError where the files or the encoder cannot be used."""
    try:
        corpus = read_corpus(docs, queries)
        tell("preparing the sentence encoder", 0, 0)
        prepare_encoder(settings.state_dir, settings.encoder, settings.encoder_precision)
        encoder = SentenceEncoder(settings.encoder_dir)
        reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
    except CorpusProblem as error:
        raise OperatorError(str(error)) from error
    except RerankerUnusable as error:
        raise OperatorError(f"{error} (setting FRONTDESK_RERANKER)") from error
    except (EncoderExportFailed, EncoderMissing) as error:
        raise OperatorError(f"{error} (setting FRONTDESK_ENCODER)") from error
    return evaluate(hide_half(corpus) if hide else corpus, encoder, tell, reranker)
