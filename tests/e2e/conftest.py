"""The running product, shared by the tests that need all of it."""

import pytest
from playwright.async_api import expect

from tests.e2e.shop import Shop, start_shop
from tests.stack import Stack

# What a page shows in a moment takes longer on a machine that is busy with everything else.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def shop(stack: Stack) -> Shop:
    """The gateway in front of the session's Rasa and action server."""
    return start_shop(stack)
