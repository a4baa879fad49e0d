"""Deciding about requests for money back from the command line."""

import asyncio
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm.database import Database
from crm.orders.services import order_by_number
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from frontdesk.errors import OperatorError
from frontdesk.refund_commands import refunds
from frontdesk.settings import Settings
from frontdesk.store import migrate_store
from tests.crm.baskets import stored_basket
from tests.crm.factories import NOW


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an installation that has no database yet."""
    for name in ("DATABASE_URL", "FRONTDESK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(tmp_path / "state"))
    return Settings()


@pytest.fixture
def shop(new: Settings) -> Settings:
    """A shop in which a customer has asked for money back."""

    async def ask() -> None:
        await migrate_store(new)
        database = Database(new.store_url)
        order = await stored_basket(database)
        async with database.transaction() as session:
            await request_refund(
                session,
                order=order,
                reason=RefundReason.DAMAGED,
                parts=[Part(order.lines[0].id, 1)],
                conversation_id="c" * 32,
                turn_id="turn-1",
                now=NOW,
            )
        await database.close()

    asyncio.run(ask())
    return new


def run(*arguments: str) -> Result:
    return CliRunner().invoke(refunds, list(arguments))


def refunded(settings: Settings) -> int:
    async def ask() -> int:
        database = Database(settings.store_url)
        async with database.reading() as session:
            order = await order_by_number(session, "MM-10432")
        await database.close()
        return sum(payment.refunded for payment in order.payments)

    return asyncio.run(ask())


def test_what_waits_is_listed_and_paid_once(shop: Settings) -> None:
    assert run("list").output == "MM-10432-F1  £59.90  damaged  asked 03 Nov 2026\n"
    assert run("pay", "MM-10432-F1", "--by", "Ada").output == "£59.90 is on its way back.\n"
    assert refunded(shop) == 5_990
    assert run("list").output == ""
    again = run("pay", "MM-10432-F1", "--by", "Ada")
    assert isinstance(again.exception, OperatorError)
    assert "decided already" in str(again.exception)


def test_a_declined_request_pays_nothing(shop: Settings) -> None:
    declined = run("decline", "MM-10432-F1", "--by", "Ada", "--because", "The box was not ours.")
    assert declined.output == "MM-10432-F1 is declined.\n"
    assert (refunded(shop), run("list").output) == (0, "")


@pytest.mark.usefixtures("shop")
def test_an_unknown_reference_is_said_in_one_sentence() -> None:
    for command in (("pay",), ("decline", "--because", "no")):
        result = run(*command, "MM-10432-F9", "--by", "Ada")
        assert isinstance(result.exception, OperatorError)
        assert "no request MM-10432-F9" in str(result.exception)


def test_a_database_that_is_not_migrated_is_named_and_not_created(new: Settings) -> None:
    result = run("list")
    assert isinstance(result.exception, OperatorError)
    assert "frontdesk db migrate" in str(result.exception)
    assert not new.state_dir.exists()
