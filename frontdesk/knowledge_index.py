"""The encoder exported and the articles indexed, so that the bot and the actions can start."""

from collections.abc import Callable
from dataclasses import dataclass

from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.encoder_folders import forget_encoders, prepare_encoder
from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT, Settings
from knowledge.encoder_export import EncoderExportFailed
from knowledge.index import build_index
from knowledge.problems import ArticleProblem


class KnowledgeUnusable(OperatorError):
    """There is no encoder to index with."""


@dataclass(frozen=True)
class Indexed:
    """What was done, in a few words, and what is wrong with articles that were left out, a sentence each."""

    remark: str
    problems: tuple[str, ...]


def index_articles(settings: Settings, say: Callable[[str], None]) -> Indexed:
    """Export the encoder if needed and embed what is new. Raises KnowledgeUnusable."""
    say(f"exporting the sentence encoder {settings.encoder}")
    try:
        prepare_encoder(settings.state_dir, settings.encoder, settings.encoder_precision)
        encoder = SentenceEncoder(settings.encoder_dir)
    except (EncoderExportFailed, EncoderMissing) as error:
        raise KnowledgeUnusable(f"{error} (setting FRONTDESK_ENCODER)") from error
    say("indexing the articles")
    report = build_index(
        settings.articles_dir,
        settings.index_dir,
        encoder,
        lambda done, total: say(f"embedding the articles: {done} of {total} texts"),
    )
    forget_encoders(settings.state_dir)
    changed = f"{report.embedded} texts embedded" if report.embedded else "unchanged"
    resting = f"; not valid today: {', '.join(report.resting)}" if report.resting else ""
    return Indexed(f"{report.articles} articles, {changed}{resting}", tuple(map(_sentence, report.broken)))


def _sentence(problem: ArticleProblem) -> str:
    file = problem.file
    shown = file.relative_to(PROJECT_ROOT) if file.is_relative_to(PROJECT_ROOT) else file
    return f"{shown}, line {problem.line}: {problem.text}"
