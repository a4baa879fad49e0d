"""Loading a shop and auditing its books from the command line."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from crm.database import Database
from crm.gift_cards.models import GiftCard
from crm.orders.models import Order
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from frontdesk.shop_commands import shop
from frontdesk.store import migrate_store
from tests.crm.loading.small_folder import small_folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with an empty database."""
    for name in ("DATABASE_URL", "FRONTDESK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(tmp_path / "state"))
    made = Settings()
    asyncio.run(migrate_store(made))
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(shop, list(arguments))


def tamper(settings: Settings) -> None:
    """What only somebody's hands in the database can do."""

    async def write() -> None:
        database = Database(settings.store_url)
        async with database.transaction() as session:
            await session.execute(
                update(Order).where(Order.number == "#W1000001").values(owed_to_customer=1_250)
            )
            await session.execute(update(GiftCard).values(balance=1))
        await database.close()

    asyncio.run(write())


def test_a_folder_is_loaded_once_and_counted(settings: Settings, tmp_path: Path) -> None:
    folder = str(small_folder(tmp_path / "shop"))
    assert "Loaded: 1 customers, 1 products, 2 variants, 2 methods, 2 orders" in run("load", folder).stdout
    assert "nothing changed" in run("load", folder).stdout


def test_a_mistake_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    done = run("load", str(tmp_path / "nowhere"))
    assert isinstance(done.exception, OperatorError)
    assert str(done.exception).endswith("is no folder.")

    done = run("load", str(small_folder(tmp_path / "shop")), "--currency", "dollars")
    assert isinstance(done.exception, OperatorError)
    assert "no currency like USD or GBP" in str(done.exception)


def test_books_that_add_up_are_said_to(settings: Settings, tmp_path: Path) -> None:
    run("load", str(small_folder(tmp_path / "shop")))
    done = run("audit")
    assert done.exit_code == 0
    assert done.stdout == "2 orders: 0 do not add up; gift cards: 0 do not.\n"


def test_books_that_do_not_are_named(settings: Settings, tmp_path: Path) -> None:
    run("load", str(small_folder(tmp_path / "shop")))
    tamper(settings)

    done = run("audit")

    assert done.exit_code == 1
    assert "order #W1000001: paid less refunded is $20.00, its books say $32.50" in done.stdout
    assert "Gift card ending ft_1: balance $0.01, its ledger says $51.00" in done.stdout
    assert "2 orders: 1 do not add up; gift cards: 1 do not." in done.stdout
