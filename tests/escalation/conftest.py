"""The store of the CRM's tests serves here, too."""

from tests.crm.conftest import database, database_url, empty_store, stores

__all__ = ["database", "database_url", "empty_store", "stores"]
