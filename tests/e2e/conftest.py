"""The running product, shared by the tests that need all of it."""

import pytest

from tests.e2e.shop import Shop, start_shop
from tests.stack import Stack


@pytest.fixture(scope="session")
def shop(stack: Stack) -> Shop:
    """The gateway in front of the session's Rasa and action server."""
    return start_shop(stack)
