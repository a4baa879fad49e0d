"""Articles imported into the shop's folder, with what keeps an operator from it said in one sentence."""

import re
from datetime import date
from pathlib import Path

from frontdesk.errors import OperatorError
from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.ledger import LedgerUnreadable
from knowledge.importing.run import ImportReport, Progress
from knowledge.importing.run import import_articles as import_into

_TOPIC = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def import_articles(source: Path, folder: Path, topic: str, progress: Progress) -> ImportReport:
    """Raises OperatorError."""
    if not _TOPIC.fullmatch(topic):
        raise OperatorError(f"{topic!r} is no topic; write it in small letters, such as returns.")
    try:
        today = date.today()  # noqa: DTZ011  # a day in the shop, not a moment
        return import_into(source, folder, topic=topic, today=today, progress=progress)
    except (SourceUnreadable, LedgerUnreadable) as error:
        raise OperatorError(str(error)) from error
    except OSError as error:
        raise OperatorError(f"{error.filename or folder} cannot be written to: {error.strerror}.") from error
