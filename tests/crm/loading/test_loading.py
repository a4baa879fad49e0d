"""A shop's folder is loaded as a whole, by the books, and once; a mistake in it is named with its line."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.customers.models import Customer
from crm.database import Database
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import drifting_cards
from crm.loading.services import Loaded, load_shop
from crm.loading.tables import ShopUnreadable
from crm.orders.account import account_of
from crm.orders.drift import drifting_orders
from crm.orders.models import Order, OrderLine, OrderStatus, Shipment
from crm.orders.services import order_by_number
from crm.payments.models import CustomerPaymentMethod, Payment
from crm.products.models import Product, Variant
from crm.refunds.models import Refund
from tests.crm.factories import NOW
from tests.crm.loading.small_folder import FILES, small_folder
from tests.no_skips_in_ci import DATA_AWAY

SHOP = Path(__file__).resolve().parents[4] / "shared" / "data" / "crm" / "shop"


async def load(database: Database, folder: Path) -> Loaded:
    async with database.transaction() as session:
        return await load_shop(session, folder, NOW)


async def count(database: Database, model: type[object]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_a_folder_becomes_orders_with_books_that_add_up(database: Database, tmp_path: Path) -> None:
    loaded = await load(database, small_folder(tmp_path / "shop"))

    assert (loaded.orders, loaded.payments, loaded.new) == (2, 3, True)
    async with database.reading() as session:
        waiting = await order_by_number(session, "w1000001")
        over = await order_by_number(session, "#W1000002")
        card = (await session.scalars(select(GiftCard))).one()
        assert await drifting_orders(session) == []
        assert await drifting_cards(session) == []
    assert (waiting.status, waiting.total, account_of(waiting).drift) == (OrderStatus.PAID, 2000, 0)
    assert waiting.payments[0].label == "Visa ending 9212"
    assert (over.status, account_of(over).value, account_of(over).drift) == (OrderStatus.CANCELLED, 0, 0)
    assert (card.label, card.balance) == ("Gift card ending ft_1", 5100)
    assert waiting.customer.email == "mia.lopez@example.com"


async def test_the_same_folder_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "shop")
    await load(database, folder)
    again = await load(database, folder)

    assert not again.new
    assert await count(database, Order) == 2
    assert await count(database, Payment) == 2


async def test_a_folder_that_is_partly_there_is_refused(database: Database, tmp_path: Path) -> None:
    await load(database, small_folder(tmp_path / "shop"))
    more = FILES["orders.csv"]
    more += "#W1000003,mia_1,pending,1 Elm Street,,Denver,CO,USA,80279,\n"
    lines = FILES["order_items.csv"] + '#W1000003,1,11,1,T-Shirt,20.00,"{}"\n'

    with pytest.raises(ShopUnreadable, match="in the database already"):
        await load(database, small_folder(tmp_path / "shop", orders=more, order_items=lines))
    assert await count(database, Order) == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("orders", "pending", "lost", "orders.csv, line 2: status is 'lost', and not one of pending"),
        ("orders", "#W1000002", "#W1000001", "line 3: #W1000001 stands on line 2 already"),
        ("orders", "#W1000002", "10-2", "is no order number"),
        ("orders", "mia_1,pending", "tom_2,pending", "user_id tom_2 is not in users.csv"),
        ("variants", "20.00", "20.001", "line 2: price is '20.001', and no price like 12.50"),
        ("variants", "20.00", "-1", "no price"),
        ("variants", '"{""size"": ""M""}"', "M", "options is no JSON object"),
        ("order_items", "11,1", "99,1", "item_id 99 is not in variants.csv"),
        ("payments", "payment,20.0", "gift,20.0", "transaction_type is 'gift'"),
        ("payments", "refund,25.5", "refund,26", "more was refunded of #W1000002 than paid"),
        ("users", "Mia.Lopez@example.com", "nobody", "no address"),
        ("users", ",email,", ",mail,", "users.csv has no column email"),
        ("users", "80279", "80279,7", "as many values as there are columns"),
        ("payment_methods", "visa", "diners", "brand is 'diners'"),
    ],
)
async def test_a_mistake_is_named_with_its_line_and_nothing_is_loaded(
    database: Database, tmp_path: Path, file: str, old: str, new: str, words: str
) -> None:
    text = FILES[f"{file}.csv"]
    assert old in text
    folder = small_folder(tmp_path / "shop", **{file: text.replace(old, new)})

    with pytest.raises(ShopUnreadable) as raised:
        await load(database, folder)

    assert words in str(raised.value)
    assert await count(database, Customer) == 0


@pytest.mark.parametrize("name", list(FILES))
async def test_a_missing_file_is_named(database: Database, tmp_path: Path, name: str) -> None:
    folder = small_folder(tmp_path / "shop")
    (folder / name).unlink()
    with pytest.raises(ShopUnreadable, match=name):
        await load(database, folder)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b'order_id,user_id\n"#W1'])
async def test_a_file_that_is_no_table_is_named(database: Database, tmp_path: Path, content: bytes) -> None:
    folder = small_folder(tmp_path / "shop")
    (folder / "orders.csv").write_bytes(content)
    with pytest.raises(ShopUnreadable, match=r"orders\.csv"):
        await load(database, folder)


@pytest.mark.skipif(not SHOP.is_dir(), reason=f"{DATA_AWAY}: crm/shop")
async def test_the_sample_shop_has_as_many_of_everything_as_its_files(database: Database) -> None:
    await load(database, SHOP)

    def rows(name: str, **where: str) -> int:
        with (SHOP / name).open(encoding="utf-8") as opened:
            return sum(
                all(row[key] == value for key, value in where.items()) for row in csv.DictReader(opened)
            )

    assert await count(database, Customer) == rows("users.csv")
    assert await count(database, Product) == rows("products.csv")
    assert await count(database, Variant) == rows("variants.csv")
    assert await count(database, CustomerPaymentMethod) == rows("payment_methods.csv")
    assert await count(database, Order) == rows("orders.csv")
    assert await count(database, OrderLine) == rows("order_items.csv")
    assert await count(database, Payment) == rows("payments.csv", transaction_type="payment")
    assert await count(database, Refund) == rows("payments.csv", transaction_type="refund")
    assert await count(database, Shipment) == rows("fulfillments.csv")
    async with database.reading() as session:
        assert await drifting_orders(session) == []
        assert await drifting_cards(session) == []
