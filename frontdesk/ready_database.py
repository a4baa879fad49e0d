"""The shop's database for a command that needs it ready, and creates nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from crm.database import Database
from crm.migrate import current_revision, head_revision
from frontdesk.database_problem import unusable
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings


@asynccontextmanager
async def ready_database(settings: Settings) -> AsyncIterator[Database]:
    """The migrated database; asking for it creates no file. Raises OperatorError."""
    database = Database(settings.store_url)
    try:
        missing = not settings.database_url and not (settings.state_dir / "crm.db").exists()
        if missing or await current_revision(settings.store_url) != head_revision():
            raise OperatorError("The database is not migrated: run `frontdesk db migrate` first.")
        yield database
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise unusable(settings.store_url, error) from error
    finally:
        await database.close()
