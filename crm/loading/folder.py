"""What a shop's folder says, checked as a whole before anything is stored."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm.loading.tables import Row, ShopUnreadable, read_table
from crm.orders.models import OrderStatus
from crm.orders.rules import normalise_order_number
from crm.payments.models import PaymentMethod

STATES = {
    "pending": OrderStatus.PAID,
    "processed": OrderStatus.SHIPPED,
    "delivered": OrderStatus.DELIVERED,
    "cancelled": OrderStatus.CANCELLED,
}
"""Pending there means paid and not packed; processed has left with the carrier."""

METHODS = ("credit_card", "paypal", "gift_card")
CARDS = {
    "visa": PaymentMethod.VISA,
    "mastercard": PaymentMethod.MASTERCARD,
    "amex": PaymentMethod.AMEX,
}
COUNTRIES = {"USA": "US", "US": "US", "GB": "GB", "UK": "GB", "IE": "IE"}


@dataclass
class ShopFolder:
    """Rows by their ids, and of each order by its number; every id that is named is there."""

    products: dict[str, Row] = field(default_factory=dict)
    variants: dict[str, Row] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    methods: dict[str, Row] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    shipments: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


def read_folder(folder: Path) -> ShopFolder:
    """Everything in the folder. Raises ShopUnreadable for the first thing that cannot be."""
    if not folder.is_dir():
        raise ShopUnreadable(f"{folder} is no folder.")
    shop = ShopFolder()
    _by_id(folder, "products.csv", "product_id", ("name",), shop.products)
    _by_id(folder, "variants.csv", "item_id", ("product_id", "available", "price", "options"), shop.variants)
    person = ("first_name", "last_name", "email", "address1", "address2", "city", "state", "country", "zip")
    _by_id(folder, "users.csv", "user_id", person, shop.customers)
    _by_id(
        folder,
        "payment_methods.csv",
        "payment_method_id",
        ("user_id", "source", "brand", "last_four", "balance"),
        shop.methods,
    )
    address = (
        "status",
        "user_id",
        "address1",
        "address2",
        "city",
        "state",
        "country",
        "zip",
        "cancel_reason",
    )
    _by_id(folder, "orders.csv", "order_id", address, shop.orders)
    _check_goods(shop)
    _check_customers(shop)
    _check_orders(shop)
    for row in read_table(folder, "order_items.csv", ("order_id", "item_id", "name", "price")):
        _named(row, "item_id", shop.variants, "variants.csv")
        row.amount("price")
        shop.lines[_order(row, shop)].append(row)
    for row in read_table(
        folder, "payments.csv", ("order_id", "transaction_type", "amount", "payment_method_id")
    ):
        row.one_of("transaction_type", ("payment", "refund"))
        row.amount("amount")
        method = _named(row, "payment_method_id", shop.methods, "payment_methods.csv")
        order = _order(row, shop)
        if method.text("user_id") != shop.orders[order].text("user_id"):
            raise row.wrong(f"{row.text('payment_method_id')} belongs to another customer than the order")
        shop.payments[order].append(row)
    for row in read_table(folder, "fulfillments.csv", ("order_id", "tracking_id")):
        row.text("tracking_id")
        shop.shipments[_order(row, shop)].append(row)
    _check_sums(shop)
    return shop


def _by_id(folder: Path, name: str, key: str, columns: tuple[str, ...], into: dict[str, Row]) -> None:
    for row in read_table(folder, name, (key, *columns)):
        own = row.text(key)
        if own in into:
            raise row.wrong(f"{own} stands on line {into[own].line} already")
        into[own] = row


def _named(row: Row, column: str, known: Mapping[str, Row], where: str) -> Row:
    try:
        return known[row.text(column)]
    except KeyError:
        raise row.wrong(f"{column} {row.text(column)} is not in {where}") from None


def _order(row: Row, shop: ShopFolder) -> str:
    _named(row, "order_id", shop.orders, "orders.csv")
    return row.text("order_id")


def _check_goods(shop: ShopFolder) -> None:
    for row in shop.products.values():
        row.text("name")
    for row in shop.variants.values():
        _named(row, "product_id", shop.products, "products.csv")
        row.one_of("available", ("True", "False"))
        row.amount("price")
        row.options("options")


def _check_customers(shop: ShopFolder) -> None:
    known: dict[str, Row] = {}
    for row in shop.customers.values():
        email = row.text("email").lower()
        if "@" not in email:
            raise row.wrong(f"email {email!r} is no address")
        if email in known:
            raise row.wrong(f"{email} is that of line {known[email].line} already")
        known[email] = row
        row.one_of("country", tuple(COUNTRIES))
        row.text("zip")
    for row in shop.methods.values():
        _named(row, "user_id", shop.customers, "users.csv")
        source = row.one_of("source", METHODS)
        if source == "credit_card":
            row.one_of("brand", tuple(CARDS))
        if source == "gift_card":
            row.amount("balance")


def _check_orders(shop: ShopFolder) -> None:
    for number, row in shop.orders.items():
        _named(row, "user_id", shop.customers, "users.csv")
        row.one_of("status", tuple(STATES))
        row.one_of("country", tuple(COUNTRIES))
        if normalise_order_number(number) != number:
            raise row.wrong(f"{number} is no order number: add its shape to `orders.numbers` in the policy")


def _check_sums(shop: ShopFolder) -> None:
    for number, row in shop.orders.items():
        if not shop.lines.get(number):
            raise row.wrong(f"{number} has no line in order_items.csv")
        paid = sum(_signed(payment) for payment in shop.payments.get(number, ()))
        if paid < 0:
            raise row.wrong(f"more was refunded of {number} than paid")


def _signed(payment: Row) -> int:
    amount = payment.amount("amount")
    return amount if payment.text("transaction_type") == "payment" else -amount
