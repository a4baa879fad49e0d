"""Making the report from the shop's database and its index."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.errors import OperatorError
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings
from insights.gaps.report import GapReport, gap_report
from knowledge.index_file import IndexUnusable
from knowledge.search import KnowledgeIndex


async def report_gaps(settings: Settings, days: int, say: Callable[[str], None]) -> GapReport:
    """The last `days` days. Raises OperatorError where database or index are not ready."""
    index = open_index(settings)
    until = datetime.now(UTC)
    say("reading what was asked, and putting together what means the same")
    async with ready_database(settings) as database, database.reading() as session:
        return await gap_report(session, index, until - timedelta(days=days), until)


def open_index(settings: Settings) -> KnowledgeIndex:
    """The index the bot answers from. Raises OperatorError where there is none."""
    try:
        return KnowledgeIndex.load(settings.index_dir, SentenceEncoder(settings.encoder_dir))
    except (IndexUnusable, EncoderMissing) as error:
        raise OperatorError(str(error)) from error
