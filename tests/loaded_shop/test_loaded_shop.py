"""The sample shop, loaded, and conversations with its customers that end in the right rows.

Each conversation changes what it says and nothing else: all orders are compared before and after.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm.database import Database
from crm.orders.services import order_by_number
from frontdesk.trainer.conversations.customer import Customer
from tests.loaded_shop.cases import Conversation, read_conversations, talk
from tests.loaded_shop.rows import fingerprint, rows_of
from tests.loaded_shop.showing import Rows, show
from tests.loaded_shop.stack import SHOP, LoadedShop
from tests.no_skips_in_ci import DATA_AWAY

pytestmark = pytest.mark.skipif(not SHOP.is_dir(), reason=f"{DATA_AWAY}: crm/shop")


@pytest.fixture(scope="module")
def shop(kept_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedShop]:
    running = LoadedShop(tmp_path_factory.mktemp("loaded-shop") / "state", kept_state)
    try:
        running.start_actions()
        running.start_rasa()
        running.wait_ready("actions", "/health/ready")
        running.wait_ready("rasa", "/version")
        yield running
    finally:
        running.stop()


@pytest.fixture
async def customer(shop: LoadedShop) -> AsyncIterator[Customer]:
    database = Database(shop.database_url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        yield await Customer.arrive(http, shop.url("rasa"), database)
    await database.close()


def test_what_was_loaded_is_counted(shop: LoadedShop) -> None:
    assert "500 customers" in shop.loaded
    assert "1,000 orders" in shop.loaded


@pytest.mark.parametrize("conversation", list(read_conversations()), ids=str)
async def test_the_conversation_ends_in_the_right_rows(
    conversation: Conversation, customer: Customer
) -> None:
    async with customer.database.reading() as session:
        before = await fingerprint(session)
        rows_before = await _rows(session, conversation)

    said = await talk(conversation, customer)

    async with customer.database.reading() as session:
        after = await fingerprint(session)
        rows_after = await _rows(session, conversation)
        show(conversation, said, rows_before, rows_after)
        changed = {number for number in before if after[number] != before[number]}
        assert changed <= conversation.changed
        for number, wanted in (
            (conversation.order, conversation.rows),
            (conversation.order2, conversation.rows2),
        ):
            if wanted:
                rows = rows_after[number]
                assert {name: rows[name] for name in wanted} == wanted
                assert rows["drift"] == 0


def test_the_books_add_up_after_all_of_it(shop: LoadedShop) -> None:
    assert "1,000 orders: 0 do not add up; gift cards: 0 do not." in shop.audit()


async def _rows(session: AsyncSession, conversation: Conversation) -> Rows:
    return {
        number: await rows_of(session, await order_by_number(session, number))
        for number in (conversation.order, conversation.order2)
        if number
    }
