"""The store of the CRM's tests serves here, too."""

from tests.crm.conftest import database, empty_store

__all__ = ["database", "empty_store"]
